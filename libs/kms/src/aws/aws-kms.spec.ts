import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeKms } from '#lib/testing';
import type { KmsContext } from '../kms.port.js';
import { awsKms } from './aws-kms.js';

const context: KmsContext = {
  app: 'claviger',
  deployment: 'dep',
  org: 'org_1',
  secret: 'sec_1',
  version: '1',
  purpose: 'call',
};

function credentials(accessKeyId: string) {
  return { accessKeyId, secretAccessKey: 'test' };
}

describe('AWS KMS over its wire', () => {
  let wire: FakeKms;
  const config = () =>
    ({ adapter: 'aws', keyId: 'alias/claviger', region: 'eu-central-1', endpoint: wire.url }) as const;
  const sealer = () => awsKms.seal(config(), credentials('AKIDAPI'));
  const opener = () => awsKms.open(config(), credentials('AKIDENGINE'));

  beforeEach(async () => {
    wire = await FakeKms.start();
  });
  afterEach(() => wire.stop());

  it('sends an encryption context of ids only, and names the key it expects', async () => {
    const { ref, wrapped } = await sealer().generateDataKey('primary', context);
    await opener().decrypt(ref, wrapped, context);
    expect(wire.calls.map((call) => [call.operation, call.accessKeyId, call.context])).toEqual([
      ['GenerateDataKey', 'AKIDAPI', context],
      ['Decrypt', 'AKIDENGINE', context],
    ]);
    expect(ref).toBe(`aws:${wire.keyArn}`);
    expect(JSON.parse(wire.calls[1]!.body)).toMatchObject({ KeyId: wire.keyArn });
  });

  it('#32 is denied the other privilege by the policy, even with the other adapter', async () => {
    wire.policy = ({ operation, accessKeyId }) =>
      (accessKeyId === 'AKIDAPI') === (operation === 'GenerateDataKey');
    const { ref, wrapped } = await sealer().generateDataKey('primary', context);
    const stolen = awsKms.open(config(), credentials('AKIDAPI'));
    await expect(stolen.decrypt(ref, wrapped, context)).rejects.toMatchObject({ kind: 'denied' });
    await expect(opener().decrypt(ref, wrapped, context)).resolves.toHaveLength(32);
  });

  it.each([
    ['ThrottlingException', 400, 'throttled'],
    ['LimitExceededException', 400, 'throttled'],
    ['KMSInternalException', 500, 'unavailable'],
    ['DependencyTimeoutException', 503, 'unavailable'],
    ['KeyUnavailableException', 500, 'unavailable'],
    ['SomethingNew', 500, 'unavailable'],
    ['AccessDeniedException', 400, 'denied'],
    ['UnrecognizedClientException', 400, 'denied'],
    ['ExpiredTokenException', 400, 'denied'],
    ['InvalidSignatureException', 400, 'denied'],
    ['NotFoundException', 400, 'key_gone'],
    ['DisabledException', 400, 'key_gone'],
    ['KMSInvalidStateException', 400, 'key_gone'],
    ['InvalidCiphertextException', 400, 'tampered'],
    ['IncorrectKeyException', 400, 'tampered'],
  ])('maps %s (%i) to %s', async (type, status, kind) => {
    const { ref, wrapped } = await sealer().generateDataKey('primary', context);
    wire.fault = { type, status };
    await expect(opener().decrypt(ref, wrapped, context)).rejects.toMatchObject({ name: 'KmsError', kind });
  });

  it('knows a disabled and a doomed master key as gone', async () => {
    const { ref, wrapped } = await sealer().generateDataKey('primary', context);
    for (const state of ['Disabled', 'PendingDeletion'] as const) {
      wire.setKeyState(wire.keyArn, state);
      await expect(opener().decrypt(ref, wrapped, context)).rejects.toMatchObject({ kind: 'key_gone' });
      await expect(sealer().generateDataKey('primary', context)).rejects.toMatchObject({ kind: 'key_gone' });
      await expect(opener().describe(ref, 'call')).rejects.toMatchObject({ kind: 'key_gone' });
    }
  });

  it('is unavailable within 2 s when the KMS takes the request and says nothing', async () => {
    wire.fault = 'hang';
    const started = performance.now();
    await expect(sealer().generateDataKey('primary', context)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('is unavailable when the connection breaks, and when nobody listens', async () => {
    wire.fault = 'reset';
    await expect(sealer().generateDataKey('primary', context)).rejects.toMatchObject({ kind: 'unavailable' });
    await wire.stop();
    await expect(sealer().generateDataKey('primary', context)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('does not open a key reference of the local KMS', async () => {
    const attempt = opener().decrypt('local:call:00', Buffer.alloc(80), context);
    await expect(attempt).rejects.toMatchObject({ kind: 'key_gone' });
    expect(wire.calls).toEqual([]);
  });
});
