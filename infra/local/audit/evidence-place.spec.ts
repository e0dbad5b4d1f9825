import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evidencePlace, readNamed } from './evidence-place.js';

describe('the files of the audit tool', () => {
  let dataDir: string;
  const config = () => ({ dataDir, checkpointsPath: null, publicKeyPath: null });
  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'claviger-evidence-'));
  });
  afterAll(() => rmSync(dataDir, { recursive: true }));

  it('without a key it says which file is missing and what to give, and quotes no error of the system', () => {
    const expected = join(dataDir, 'keys/audit-check/public.pem');
    const attempt = () => evidencePlace(config(), {});
    expect(attempt).toThrow(`There is no public key of the audit log at ${expected}: give --public-key`);
    expect(attempt).toThrow(expect.objectContaining({ message: expect.not.stringContaining('ENOENT') }));
  });

  it('it says so of a file that holds no key, or half of one, and of a folder', () => {
    const half = join(dataDir, 'half.pem');
    const texts = ['', 'hello', '-----BEGIN PUBLIC KEY-----\nMCo\n-----END PUBLIC KEY-----\n'];
    for (const text of texts) {
      writeFileSync(half, text);
      const attempt = () => evidencePlace(config(), { 'public-key': half });
      expect(attempt).toThrow(`${half} is not a public key of the audit log: give --public-key`);
    }
    const folder = () => evidencePlace(config(), { 'public-key': dataDir });
    expect(folder).toThrow(`The public key of the audit log ${dataDir} can't be read`);
  });

  it('it takes the key of the data folder, and what is named before that', () => {
    const pem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' });
    mkdirSync(join(dataDir, 'keys/audit-check'), { recursive: true });
    writeFileSync(join(dataDir, 'keys/audit-check/public.pem'), pem);
    expect(evidencePlace(config(), {}).path).toBe(join(dataDir, 'checkpoints/audit.ndjson'));
    expect(evidencePlace(config(), { checkpoints: '/copy.ndjson' }).path).toBe('/copy.ndjson');
  });

  it('an export that is not there is named as well', () => {
    const attempt = () => readNamed('/nowhere/log.ndjson', 'exported log', 'check the path.');
    expect(attempt).toThrow('There is no exported log at /nowhere/log.ndjson: check the path.');
  });
});
