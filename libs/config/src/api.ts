import { z } from 'zod';
import { commonConfig, commonFields, type CommonConfig } from './common.js';
import { processEnvironment, type Environment } from './environment.js';
import { choice, fault, flag, httpUrlField, list, portField, required } from './fields.js';
import { kmsConfig, kmsFields, type KmsConfig } from './kms.js';
import { orgKmsConfig, orgKmsFields, type OrgKmsConfig } from './org-kms.js';
import { load, type SettingsCheck } from './load.js';
import { BUILT_IN_PLANS, plansField, type PlanSettings } from './plans.js';

/** Settings of the control plane. */
export interface ApiConfig extends CommonConfig {
  kms: KmsConfig;
  /** Null: organizations can't use KMS keys of their own. */
  orgKms: OrgKmsConfig | null;
  /** `scheme://CIDR:port[@org_…]` entries that tenant URLs may reach although they are private. */
  egressAllow: string[];
  /** Where browsers reach the web app; the only origin whose cookie writes are accepted. */
  publicUrl: string;
  /** Where workflow engines reach the engine. */
  engineUrl: string;
  /** Where this process reaches the engine. */
  engineInternalUrl: string;
  authThrottle: boolean;
  defaultPlan: string;
  plans: Record<string, Partial<PlanSettings>>;
  operatorToken: string | null;
  initOwner: { email: string; password: string; org: string } | null;
  ticketPrivateKeyPath: string;
  fingerprintPepperPath: string;
}

const localKeyFile = (what: string) =>
  required(z.string(), `Give the path of the ${what} (\`npm start\` makes one).`);

function fieldsOf(env: Environment) {
  const wantsOwner =
    env.CLAVIGER_INIT_OWNER_EMAIL !== undefined || env.CLAVIGER_INIT_OWNER_PASSWORD !== undefined;
  const email = z.email({
    error: () => fault('is not an e-mail address', 'Write it like owner@example.com.'),
  });
  const password = z.string().min(10, fault('is shorter than 10 characters', 'Choose a longer password.'));
  return {
    ...commonFields('claviger_api'),
    ...kmsFields(env, { publicKeyset: true, privateKeyset: false }),
    ...orgKmsFields(env),
    CLAVIGER_API_PORT: portField.default(3001),
    CLAVIGER_EGRESS_ALLOW: list(),
    CLAVIGER_PUBLIC_URL: httpUrlField.default('http://localhost:3000'),
    CLAVIGER_ENGINE_URL: httpUrlField.default('http://localhost:3002'),
    CLAVIGER_ENGINE_INTERNAL_URL: httpUrlField.optional(),
    CLAVIGER_AUTH_THROTTLE: flag(true),
    CLAVIGER_PLANS: plansField,
    CLAVIGER_DEFAULT_PLAN: choice(planNames(env), 'unlimited'),
    CLAVIGER_OPERATOR_TOKEN: z
      .string()
      .min(16, fault('is shorter than 16 characters', 'Make one with `openssl rand -base64 32`.'))
      .optional(),
    CLAVIGER_INIT_OWNER_EMAIL: wantsOwner ? required(email, 'Set it beside the password.') : email.optional(),
    CLAVIGER_INIT_OWNER_PASSWORD: wantsOwner
      ? required(password, 'Set it beside the e-mail address.')
      : password.optional(),
    CLAVIGER_INIT_ORG: z
      .string()
      .max(100, fault('is longer than 100 characters', 'Shorten it.'))
      .default('My organization'),
    CLAVIGER_TICKET_PRIVATE_KEY: localKeyFile('Ed25519 private key that signs engine tickets'),
    CLAVIGER_FINGERPRINT_PEPPER: localKeyFile('pepper for duplicate detection'),
  };
}

/** The plans that an organization may start on: the built-in ones and those of CLAVIGER_PLANS. */
function planNames(env: Environment): [string, ...string[]] {
  const own = plansField.safeParse(env.CLAVIGER_PLANS);
  return [...BUILT_IN_PLANS, ...Object.keys(own.data ?? {})];
}

/** Reads and validates the settings of the api. Throws a ConfigError that lists every fault. */
export function loadApiConfig(
  env: Environment = processEnvironment(),
  checks: readonly SettingsCheck[] = [],
): ApiConfig {
  const { values, warnings } = load('api', fieldsOf, env, checks);
  const email = values.CLAVIGER_INIT_OWNER_EMAIL;
  const password = values.CLAVIGER_INIT_OWNER_PASSWORD;
  return {
    ...commonConfig(values, values.CLAVIGER_API_PORT, warnings),
    kms: kmsConfig(values),
    orgKms: orgKmsConfig(values),
    egressAllow: values.CLAVIGER_EGRESS_ALLOW,
    publicUrl: values.CLAVIGER_PUBLIC_URL,
    engineUrl: values.CLAVIGER_ENGINE_URL,
    engineInternalUrl: values.CLAVIGER_ENGINE_INTERNAL_URL ?? values.CLAVIGER_ENGINE_URL,
    authThrottle: values.CLAVIGER_AUTH_THROTTLE,
    defaultPlan: values.CLAVIGER_DEFAULT_PLAN,
    plans: values.CLAVIGER_PLANS,
    operatorToken: values.CLAVIGER_OPERATOR_TOKEN ?? null,
    initOwner: email && password ? { email, password, org: values.CLAVIGER_INIT_ORG } : null,
    ticketPrivateKeyPath: values.CLAVIGER_TICKET_PRIVATE_KEY,
    fingerprintPepperPath: values.CLAVIGER_FINGERPRINT_PEPPER,
  };
}
