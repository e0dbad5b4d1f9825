/** The operator's switch over all calls of the installation (PRODUCT #56); kept over restarts. */
export interface KillSwitch {
  enabled: boolean;
  reason: string;
}

/** Reads the stored setting; never set means off. */
export function killSwitchOf(value: unknown): KillSwitch {
  const { enabled, reason } = (value ?? {}) as Partial<KillSwitch>;
  return { enabled: enabled === true, reason: reason ?? '' };
}
