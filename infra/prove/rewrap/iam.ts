import { join, resolve } from 'node:path';
import { iamAllows, readPolicy, type IamStatement, type KmsAsk, type KmsPolicy } from '#lib/testing';
import { ACCESS_KEYS, DEPLOYMENT } from '../series/aws-kms.js';

const FOLDER = join(resolve(import.meta.dirname, '../../../..'), 'infra/terraform/aws/policies');
const POLICIES = { api: 'api-seals', engine: 'engine-opens', worker: 'worker-rewraps' } as const;

/** The policies that Terraform makes for the processes, over these master keys. Whoever is none of them seals and opens. */
export function iamOver(keyArns: readonly string[]): KmsPolicy {
  const values = { key_arns: keyArns.join('", "'), deployment: DEPLOYMENT };
  const of = (name: keyof typeof POLICIES) => readPolicy(join(FOLDER, `${POLICIES[name]}.json`), values);
  const [api, engine, worker] = [of('api'), of('engine'), of('worker')];
  const statements: Record<string, IamStatement[]> = {
    [ACCESS_KEYS.api]: api,
    [ACCESS_KEYS.engine]: engine,
    [ACCESS_KEYS.worker]: worker,
  };
  return ({ accessKeyId, asks }) =>
    asks.every((ask) => iamAllows(statements[accessKeyId] ?? [...api, ...engine], wanted(ask)));
}

function wanted({ action, keyId, context }: KmsAsk) {
  const facts = Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]);
  return { action, resource: keyId ?? '', facts: Object.fromEntries(facts) as Record<string, string> };
}
