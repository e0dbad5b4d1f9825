import { z } from 'zod';
import type { Environment } from './environment.js';
import { choice, fault, httpUrlField, required } from './fields.js';

/** What lets organizations wrap their secrets under KMS keys of their own AWS accounts. */
export interface OrgKmsConfig {
  /** Where roles are assumed. A key is called in the region that its ARN names. */
  region: string;
  /** Set for an emulator or a private endpoint, of `region`. */
  stsEndpoint?: string;
  kmsEndpoint?: string;
  /** The IAM roles of the processes, for an organization's trust policy. Null: the operator tells them. */
  principals: OrgKmsPrincipals | null;
}

export interface OrgKmsPrincipals {
  api: string;
  engine: string;
  worker: string;
}

/** The fields of the settings for keys of organizations' own. They are on with an AWS master key, since an AWS identity is there then. */
export function orgKmsFields(env: Environment): Record<string, z.ZodType> {
  const fallback = env.CLAVIGER_KMS === 'aws' ? 'aws' : 'off';
  const isOn = (env.CLAVIGER_ORG_KMS ?? fallback) === 'aws';
  return {
    CLAVIGER_ORG_KMS: choice(['off', 'aws'], fallback),
    CLAVIGER_ORG_KMS_PRINCIPALS: principalsField.optional(),
    ...(isOn && {
      AWS_REGION: required(z.string(), 'Name the region whose STS assumes roles, e.g. eu-central-1.'),
      AWS_ENDPOINT_URL_KMS: httpUrlField.optional(),
      AWS_ENDPOINT_URL_STS: httpUrlField.optional(),
    }),
  };
}

const PRINCIPALS = ['api', 'engine', 'worker'] as const;
const ROLE = /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;

const principalsField = z
  .string()
  .transform((text) => Object.fromEntries(text.split(/\s+/).map((entry) => splitAt(entry, '='))))
  .refine(
    (roles) => PRINCIPALS.every((name) => ROLE.test(roles[name] ?? '')) && Object.keys(roles).length === 3,
    fault(
      'does not name the role of each process',
      'Write it like: api=arn:aws:iam::111122223333:role/claviger-api engine=arn:… worker=arn:…',
    ),
  );

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Builds the settings from validated values; null: organizations can't use keys of their own. */
export function orgKmsConfig(values: Record<string, unknown>): OrgKmsConfig | null {
  if (values.CLAVIGER_ORG_KMS !== 'aws') return null;
  const text = (name: string): string | undefined =>
    typeof values[name] === 'string' ? values[name] : undefined;
  return {
    region: text('AWS_REGION') ?? '',
    stsEndpoint: text('AWS_ENDPOINT_URL_STS'),
    kmsEndpoint: text('AWS_ENDPOINT_URL_KMS'),
    principals: (values.CLAVIGER_ORG_KMS_PRINCIPALS as OrgKmsPrincipals | undefined) ?? null,
  };
}
