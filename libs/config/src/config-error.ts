/** One fault in the environment of a process: which variable, what is wrong with it, and how to mend it. */
export interface ConfigFault {
  variable: string;
  problem: string;
  mend: string;
}

/**
 * The environment cannot be used. Lists every fault at once, so that an operator mends them in one go.
 * Values are never part of the message: a mistyped variable may hold a secret.
 */
export class ConfigError extends Error {
  constructor(
    readonly processName: string,
    readonly faults: readonly ConfigFault[],
  ) {
    super(describe(processName, faults));
    this.name = 'ConfigError';
  }
}

function describe(processName: string, faults: readonly ConfigFault[]): string {
  const count = faults.length === 1 ? '1 setting needs' : `${faults.length} settings need`;
  const lines = faults.map(({ variable, problem, mend }) => `  ${variable}: ${problem}. ${mend}`);
  return [`${processName} cannot start: ${count} mending (reference: infra/docs/settings.md)`, ...lines].join(
    '\n',
  );
}
