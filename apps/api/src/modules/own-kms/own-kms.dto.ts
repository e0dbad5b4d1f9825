import { IsString, Matches, MaxLength } from 'class-validator';

const KEY_ARN =
  /^arn:aws(?:-cn|-us-gov)?:kms:[a-z]{2}(?:-[a-z]+){1,3}-\d{1,2}:\d{12}:key\/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const ROLE_ARN = /^arn:aws(?:-cn|-us-gov)?:iam::\d{12}:role\/[\w+=.@/-]{1,200}$/;

export class SetOwnKmsDto {
  /** ARN of a symmetric KMS key. Not an alias: what an alias names can change without our knowing. */
  @IsString()
  @MaxLength(200)
  @Matches(KEY_ARN, {
    message: 'Give the ARN of the key itself, e.g. arn:aws:kms:eu-central-1:111122223333:key/1234abcd-….',
  })
  keyId!: string;

  /** ARN of the role, in the key’s account, that this installation assumes. */
  @IsString()
  @MaxLength(256)
  @Matches(ROLE_ARN, {
    message: 'Give the ARN of the role, e.g. arn:aws:iam::111122223333:role/claviger-key.',
  })
  roleArn!: string;
}

export class OwnKmsKeyDto {
  keyId!: string;
  roleArn!: string;
  /** When api and engine last used it for a probe. */
  checkedAt!: string | null;
  /** Stored versions of secrets that are wrapped under it. */
  versions!: number;
}

export class OwnKmsPrincipalsDto {
  api!: string;
  engine!: string;
  worker!: string;
}

export class OwnKmsDto {
  /** Whether the operator lets organizations use KMS keys of their own. */
  available!: boolean;
  /** For the role’s trust policy, `sts:ExternalId`. Made for this organization; nobody can choose one. */
  externalId!: string;
  /** For the role’s policies: the session tag `claviger-org`. */
  orgId!: string;
  /** For the role’s policies: the encryption context’s `deployment`. */
  deployment!: string;
  /** The IAM roles of this installation’s processes, for the trust policy; null: ask the operator. */
  principals!: OwnKmsPrincipalsDto | null;
  /** What new secrets are wrapped under; null: the platform’s key. */
  key!: OwnKmsKeyDto | null;
  /** Keys that are no longer used for new secrets, and still needed to open stored ones. */
  former!: OwnKmsKeyDto[];
  /** Stored versions of secrets that are wrapped under the platform’s key. */
  platformVersions!: number;
}
