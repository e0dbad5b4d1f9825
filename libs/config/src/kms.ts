import { z } from 'zod';
import type { Environment } from './environment.js';
import { choice, fault, flag, httpUrlField, NOT_YES_OR_NO, required } from './fields.js';

export interface LocalKmsConfig {
  adapter: 'local';
  /** File with the public keyset: enough to seal. */
  publicKeysetPath: string;
  /** File with the private keyset of one purpose; only where this process may open. */
  privateKeysetPath?: string;
  allowProduction: boolean;
  /** A mounted Kubernetes secret is a symbolic link; anywhere else a link in place of the key file is refused. */
  allowSymlink: boolean;
}

export interface AwsKmsConfig {
  adapter: 'aws';
  /** Key id, ARN or alias of the master key. */
  keyId: string;
  /** Set for an emulator or a private endpoint. */
  endpoint?: string;
  region: string;
}

export interface VaultKmsConfig {
  adapter: 'vault';
  /** Of the Vault or OpenBao server. */
  address: string;
  /** The transit keys are named `<keyId>-call`, `<keyId>-webhook` and `<keyId>-login`. */
  keyId: string;
  /** Where the transit engine is mounted. */
  mount: string;
  namespace?: string;
  token?: string;
  /** Read for each request, because an agent renews the token in it. Comes before `token`. */
  tokenFile?: string;
}

export type KmsConfig = LocalKmsConfig | AwsKmsConfig | VaultKmsConfig;

/** Which keyset files a process must be given when the master key is local. */
export interface KmsNeeds {
  publicKeyset: boolean;
  privateKeyset: boolean;
}

const ADAPTERS = ['local', 'aws', 'vault'] as const;

/** The fields of the KMS settings that the chosen adapter needs, so that every missing one is listed at once. */
export function kmsFields(env: Environment, needs: KmsNeeds): Record<string, z.ZodType> {
  const adapter = { CLAVIGER_KMS: choice(ADAPTERS, 'local') };
  if (env.CLAVIGER_KMS === 'aws') {
    return {
      ...adapter,
      CLAVIGER_KMS_KEY_ID: required(z.string(), 'Give the id, ARN or alias of the AWS KMS key.'),
      AWS_REGION: required(z.string(), 'Name the region of the AWS KMS key, e.g. eu-central-1.'),
      AWS_ENDPOINT_URL_KMS: httpUrlField.optional(),
    };
  }
  if (env.CLAVIGER_KMS === 'vault') {
    return {
      ...adapter,
      CLAVIGER_KMS_KEY_ID: required(
        transitName,
        'Give the common first part of the names of the transit keys.',
      ),
      CLAVIGER_VAULT_MOUNT: transitMount,
      VAULT_ADDR: required(
        env.NODE_ENV === 'production' ? privateAddress : httpUrlField,
        'Give the address of Vault or OpenBao, e.g. https://vault.example.com:8200.',
      ),
      VAULT_NAMESPACE: z.string().optional(),
      VAULT_TOKEN_FILE: z.string().optional(),
      VAULT_TOKEN: env.VAULT_TOKEN_FILE
        ? z.string().optional()
        : required(
            z.string(),
            'Give the token, or better VAULT_TOKEN_FILE, the path of a file that holds it.',
          ),
    };
  }
  // What another one would need is not known: its name is the fault.
  if (![undefined, 'local'].includes(env.CLAVIGER_KMS)) return adapter;
  const path = (what: string) =>
    required(z.string(), `Give the path of the ${what} keyset file (\`npm start\` makes one).`);
  return {
    ...adapter,
    CLAVIGER_KMS_PUBLIC_KEYSET: needs.publicKeyset ? path('public') : z.string().optional(),
    CLAVIGER_KMS_PRIVATE_KEYSET: needs.privateKeyset ? path('private') : z.string().optional(),
    KMS_LOCAL_ALLOW_PRODUCTION: env.NODE_ENV === 'production' ? allowedInProduction : yesOrNo,
    KMS_LOCAL_ALLOW_SYMLINK: yesOrNo,
  };
}

const transitName = z
  .string()
  .regex(
    /^[\w.-]{1,100}$/,
    fault('is not the name of a transit key', 'Use letters, digits, dots, hyphens and underscores.'),
  );

const transitMount = z
  .string()
  .regex(
    /^[\w.-]+(?:\/[\w.-]+)*$/,
    fault('is not the path of a mount', 'Write it like transit, without slashes around it.'),
  )
  .default('transit');

/** Data keys travel in this connection's answers. */
const privateAddress = httpUrlField.refine(
  (text) => {
    const { protocol, hostname } = new URL(text);
    return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  },
  fault('is not encrypted, and data keys travel over it', 'Use https, or an agent on this host.'),
);

const yesOrNo = flag(false, NOT_YES_OR_NO);

const notAllowedInProduction = fault(
  'is not set to yes, and the master key of this production deployment is a local file',
  'Use CLAVIGER_KMS=aws, or set KMS_LOCAL_ALLOW_PRODUCTION=yes if the file is backed up and guarded.',
);
const allowedInProduction = flag(false, notAllowedInProduction).refine(
  (allowed) => allowed,
  notAllowedInProduction,
);

/** Builds the KMS settings from validated values. */
export function kmsConfig(values: Record<string, unknown>): KmsConfig {
  const optional = (name: string): string | undefined =>
    typeof values[name] === 'string' ? values[name] : undefined;
  const text = (name: string): string => optional(name) ?? '';
  switch (values.CLAVIGER_KMS) {
    case 'aws':
      return {
        adapter: 'aws',
        keyId: text('CLAVIGER_KMS_KEY_ID'),
        region: text('AWS_REGION'),
        endpoint: optional('AWS_ENDPOINT_URL_KMS'),
      };
    case 'vault':
      return {
        adapter: 'vault',
        address: text('VAULT_ADDR'),
        keyId: text('CLAVIGER_KMS_KEY_ID'),
        mount: text('CLAVIGER_VAULT_MOUNT'),
        namespace: optional('VAULT_NAMESPACE'),
        token: optional('VAULT_TOKEN'),
        tokenFile: optional('VAULT_TOKEN_FILE'),
      };
    default:
      return {
        adapter: 'local',
        publicKeysetPath: text('CLAVIGER_KMS_PUBLIC_KEYSET'),
        privateKeysetPath: optional('CLAVIGER_KMS_PRIVATE_KEYSET'),
        allowProduction: values.KMS_LOCAL_ALLOW_PRODUCTION === true,
        allowSymlink: values.KMS_LOCAL_ALLOW_SYMLINK === true,
      };
  }
}
