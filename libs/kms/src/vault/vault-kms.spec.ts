import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { VaultKmsConfig } from '#lib/config';
import { FakeVault } from '#lib/testing';
import { contextAad } from '../aad.js';
import { createKms } from '../create-kms.js';
import type { KmsContext } from '../kms.port.js';

const context: KmsContext = {
  app: 'claviger',
  deployment: 'dep',
  org: 'org_1',
  secret: 'sec_1',
  version: '1',
  purpose: 'call',
};
const facts = { env: 'test' } as const;

describe('Vault transit over its wire', () => {
  let vault: FakeVault;
  const config = (change: Partial<VaultKmsConfig> = {}): VaultKmsConfig => ({
    adapter: 'vault',
    address: vault.url,
    keyId: 'claviger',
    mount: 'transit',
    token: 'hvs.test',
    ...change,
  });
  const sealer = (change?: Partial<VaultKmsConfig>) => createKms(config(change), 'seal', facts);
  const opener = (change?: Partial<VaultKmsConfig>) => createKms(config(change), 'open', facts);

  beforeEach(async () => {
    vault = await FakeVault.start(['claviger-call', 'claviger-webhook']);
  });
  afterEach(() => vault.stop());

  it('names the key of the purpose, binds the context, and sends token and namespace', async () => {
    const { ref, wrapped } = await sealer({ namespace: 'team' }).generateDataKey('primary', context);
    await opener().decrypt(ref, wrapped, context);
    expect(ref).toBe('vault:transit/claviger-call:v1');
    expect(vault.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET keys/claviger-call',
      'POST datakey/plaintext/claviger-call',
      'POST decrypt/claviger-call',
    ]);
    expect(vault.calls[1]).toMatchObject({
      token: 'hvs.test',
      namespace: 'team',
      body: { bits: 256, context: contextAad(context).toString('base64') },
    });
    const webhook = await sealer().generateDataKey('primary', { ...context, purpose: 'webhook' });
    expect(webhook.ref).toBe('vault:transit/claviger-webhook:v1');
  });

  it('refuses to seal under a key that would ignore the context', async () => {
    vault.keys.create('plain-call', false);
    const attempt = sealer({ keyId: 'plain' }).generateDataKey('primary', context);
    await expect(attempt).rejects.toMatchObject({ kind: 'key_gone', message: /derived=true/ });
    expect(vault.calls.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('asks about a key once for any number of seals, and again after a failure', async () => {
    const seal = sealer();
    vault.fault = { status: 503, errors: ['Vault is sealed'] };
    await expect(seal.generateDataKey('primary', context)).rejects.toMatchObject({ kind: 'unavailable' });
    vault.fault = undefined;
    vault.calls.length = 0;
    await Promise.all(Array.from({ length: 20 }, () => seal.generateDataKey('primary', context)));
    expect(vault.calls.filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  it.each([
    [403, ['permission denied'], 'denied'],
    [400, ['encryption key not found'], 'key_gone'],
    [400, ['ciphertext or signature version is disallowed by policy (too old)'], 'key_gone'],
    [500, ['ciphertext or signature version is disallowed by policy (too old)'], 'key_gone'],
    [404, ['no handler for route "transit/decrypt/claviger-call". route entry not found.'], 'key_gone'],
    [400, ['invalid ciphertext: unable to decrypt'], 'tampered'],
    [500, ['cipher: message authentication failed'], 'tampered'],
    [400, ['invalid ciphertext: version is too new'], 'unavailable'],
    [429, ['request path "transit": rate limit quota exceeded'], 'throttled'],
    [503, ['Vault is sealed'], 'unavailable'],
    [412, ['required index state not present'], 'unavailable'],
    [500, ['internal error'], 'unavailable'],
    [400, ['something new'], 'unavailable'],
  ])('maps %i %j to %s', async (status, errors, kind) => {
    const { ref, wrapped } = await sealer().generateDataKey('primary', context);
    vault.fault = { status, errors };
    await expect(opener().decrypt(ref, wrapped, context)).rejects.toMatchObject({ name: 'KmsError', kind });
  });

  it('knows a retired version and a deleted key as gone', async () => {
    const { ref, wrapped } = await sealer().generateDataKey('primary', context);
    vault.keys.rotate('claviger-call');
    vault.keys.setMinDecryptionVersion('claviger-call', 2);
    await expect(opener().decrypt(ref, wrapped, context)).rejects.toMatchObject({ kind: 'key_gone' });
    await expect(opener().describe(ref, 'call')).rejects.toMatchObject({ kind: 'key_gone' });
    vault.keys.remove('claviger-call');
    await expect(opener().decrypt(ref, wrapped, context)).rejects.toMatchObject({ kind: 'key_gone' });
  });

  it('is unavailable within 2 s when Vault takes the request and says nothing', async () => {
    const { ref, wrapped } = await sealer().generateDataKey('primary', context);
    vault.fault = 'hang';
    const started = performance.now();
    await expect(opener().decrypt(ref, wrapped, context)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('is unavailable when the connection breaks, a proxy answers, and nobody listens', async () => {
    const { ref, wrapped } = await sealer().generateDataKey('primary', context);
    for (const fault of ['reset', { status: 200, text: '<html>' }, { status: 502, text: '' }] as const) {
      vault.fault = fault;
      await expect(opener().decrypt(ref, wrapped, context)).rejects.toMatchObject({ kind: 'unavailable' });
    }
    await vault.stop();
    await expect(opener().decrypt(ref, wrapped, context)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('does not carry its token to where a redirect points', async () => {
    const other = await FakeVault.start(['claviger-call']);
    try {
      vault.fault = { status: 307, location: `${other.url}/v1/transit/keys/claviger-call` };
      await expect(sealer().describe('primary', 'call')).rejects.toMatchObject({ kind: 'unavailable' });
      expect(other.calls).toEqual([]);
    } finally {
      await other.stop();
    }
  });

  it('takes a renewed token from its file without a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vault-token-'));
    const tokenFile = join(folder, 'token');
    const kms = sealer({ token: undefined, tokenFile });
    await expect(kms.describe('primary', 'call')).rejects.toMatchObject({ kind: 'unavailable' });
    for (const token of ['hvs.one', 'hvs.two']) {
      writeFileSync(tokenFile, `${token}\n`);
      await kms.describe('primary', 'call');
      expect(vault.calls.at(-1)?.token).toBe(token);
    }
    rmSync(folder, { recursive: true });
  });

  it('does not open references of other adapters, mounts and forms', async () => {
    for (const ref of [
      'aws:arn:aws:kms:x',
      'vault:other/claviger-call:v1',
      'vault:transit/../sys:v1',
      'vault:transit/a',
    ]) {
      const attempt = opener().decrypt(ref, Buffer.from('vault:v1:AAAA'), context);
      await expect(attempt).rejects.toMatchObject({ kind: 'key_gone' });
    }
    expect(vault.calls).toEqual([]);
  });

  it('says that it can’t move a data key to another transit key', async () => {
    const { ref, wrapped } = await sealer().generateDataKey('primary', context);
    vault.keys.create('next-call');
    const kms = createKms(config({ keyId: 'next' }), 'rewrap', facts);
    const attempt = kms.reEncrypt(ref, wrapped, 'primary', context);
    await expect(attempt).rejects.toMatchObject({ kind: 'denied', message: /rotate it there/ });
  });
});
