/** A KMS key of an organization's own cloud account, and the role by which this installation may use it. */
export interface OwnKmsKey {
  /** `org_…` */
  orgId: string;
  keyArn: string;
  roleArn: string;
  /** Made by us for this organization alone: the role's trust policy asks for it (the confused deputy). */
  externalId: string;
}

/** The settings of tenants, as whoever calls a KMS looks them up: by the caller's organization, never by an envelope. */
export interface OwnKmsKeys {
  /** What the organization's new secrets are wrapped under; null: the platform's key. */
  active(orgId: string): Promise<OwnKmsKey | null>;
  /** The key that `kmsRef` names where it is one of this organization's, in use or former; null: it is not. */
  find(orgId: string, kmsRef: string): Promise<OwnKmsKey | null>;
}

const PREFIX = 'own-aws:';

/** How such a key is named in `kms_ref`: adapter, key and role. Neither ARN can hold the bar between them. */
export function ownKmsRef({ keyArn, roleArn }: Pick<OwnKmsKey, 'keyArn' | 'roleArn'>): string {
  return `${PREFIX}${keyArn}|${roleArn}`;
}

export function isOwnKmsRef(kmsRef: string): boolean {
  return kmsRef.startsWith(PREFIX);
}
