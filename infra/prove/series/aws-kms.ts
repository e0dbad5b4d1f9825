import type { FakeKms } from '#lib/testing';
import type { Settings } from './installation.js';

/** The access key that a process is started with, so that IAM can tell who asks. */
export const ACCESS_KEYS = { api: 'AKIDAPI', engine: 'AKIDENGINE', worker: 'AKIDWORKER' } as const;
export const DEPLOYMENT = 'prove';

/** Each process with an identity of its own at this KMS, over AWS' wire. */
export function awsSettings(wire: FakeKms, keyArn: string): Required<Settings> {
  const common = {
    CLAVIGER_DEPLOYMENT: DEPLOYMENT,
    CLAVIGER_KMS: 'aws',
    CLAVIGER_ORG_KMS: 'off',
    CLAVIGER_KMS_KEY_ID: keyArn,
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_KMS: wire.url,
    AWS_SECRET_ACCESS_KEY: 'prove',
  };
  const as = (name: keyof typeof ACCESS_KEYS) => ({ ...common, AWS_ACCESS_KEY_ID: ACCESS_KEYS[name] });
  return { api: as('api'), engine: as('engine'), worker: as('worker') };
}
