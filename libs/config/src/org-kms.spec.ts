import { describe, expect, it } from '@jest/globals';
import { loadEngineConfig } from './engine.js';

const engine = {
  DATABASE_URL: 'postgresql://claviger_engine:x@localhost:5432/claviger',
  CLAVIGER_TICKET_PUBLIC_KEY: '/keys/ticket.pem',
  CLAVIGER_KMS_PRIVATE_KEYSET: '/keys/call.json',
};
const roles = (last: string) =>
  `api=arn:aws:iam::111122223333:role/claviger-api engine=arn:aws:iam::111122223333:role/x/claviger-engine worker=${last}`;
const worker = 'arn:aws:iam::111122223333:role/claviger-worker';

describe('the settings for keys of organizations’ own', () => {
  it('are off beside a local master key, and on beside one of AWS, unless the operator says otherwise', () => {
    expect(loadEngineConfig(engine).orgKms).toBeNull();
    const aws = {
      ...engine,
      CLAVIGER_KMS: 'aws',
      CLAVIGER_KMS_KEY_ID: 'alias/x',
      AWS_REGION: 'eu-central-1',
    };
    expect(loadEngineConfig(aws).orgKms).toMatchObject({ region: 'eu-central-1', principals: null });
    expect(loadEngineConfig({ ...aws, CLAVIGER_ORG_KMS: 'off' }).orgKms).toBeNull();
  });

  it('need a region, and endpoints that are URLs', () => {
    const on = { ...engine, CLAVIGER_ORG_KMS: 'aws' };
    expect(() => loadEngineConfig(on)).toThrow(/AWS_REGION: is not set/);
    const endpoints = {
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_STS: 'sts',
      AWS_ENDPOINT_URL_KMS: 'kms',
    };
    expect(() => loadEngineConfig({ ...on, ...endpoints })).toThrow(
      /AWS_ENDPOINT_URL_KMS[^]*AWS_ENDPOINT_URL_STS/,
    );
    const right = {
      ...endpoints,
      AWS_ENDPOINT_URL_STS: 'https://sts.test',
      AWS_ENDPOINT_URL_KMS: 'https://kms.test',
    };
    expect(loadEngineConfig({ ...on, ...right }).orgKms).toMatchObject({
      stsEndpoint: 'https://sts.test',
      kmsEndpoint: 'https://kms.test',
    });
  });

  it('name the role of each process, or nobody’s', () => {
    const on = { ...engine, CLAVIGER_ORG_KMS: 'aws', AWS_REGION: 'eu-central-1' };
    const named = loadEngineConfig({ ...on, CLAVIGER_ORG_KMS_PRINCIPALS: roles(worker) });
    expect(named.orgKms?.principals).toMatchObject({ worker });
    for (const wrong of ['arn:aws:iam::111122223333:user/x', '', `${worker} more=${worker}`])
      expect(() => loadEngineConfig({ ...on, CLAVIGER_ORG_KMS_PRINCIPALS: roles(wrong) })).toThrow(
        /CLAVIGER_ORG_KMS_PRINCIPALS: does not name the role of each process/,
      );
  });
});
