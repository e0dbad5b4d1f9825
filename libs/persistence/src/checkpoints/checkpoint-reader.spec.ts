import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckpointSigner, CheckpointVerifier } from './checkpoint-line.js';
import { CheckpointReader } from './checkpoint-reader.js';

const pair = generateKeyPairSync('ed25519');
const signer = new CheckpointSigner(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const verifier = new CheckpointVerifier(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString());
const folder = mkdtempSync(join(tmpdir(), 'claviger-checkpoint-reader-'));
const path = join(folder, 'audit.ndjson');
const AT = '2026-11-21T10:00:00.000Z';

function line(epoch: number, by = signer, deployment = 'default'): string {
  const facts = { kind: 'checkpoint' as const, deployment, epoch, orgId: 'org_x', seq: epoch, hash: '00' };
  return `${JSON.stringify(by.sign({ ...facts, at: AT }))}\n`;
}
const highest = async (reader: CheckpointReader) => (await reader.read())?.epoch;

describe('the highest epoch of the file of checkpoints', () => {
  let reader: CheckpointReader;
  beforeEach(() => {
    rmSync(path, { force: true });
    reader = new CheckpointReader(path, verifier, 'default');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is of the whole file: older lines put behind it, more than any tail, do not hide it', async () => {
    writeFileSync(path, line(1) + line(9) + line(3).repeat(2_000));
    expect(await highest(reader)).toBe(9);
    appendFileSync(path, line(4).repeat(2_000));
    expect(await highest(reader)).toBe(9);
    expect(await highest(new CheckpointReader(path, verifier, 'default'))).toBe(9);
  });

  it('grows with what is appended, a line without its end included', async () => {
    writeFileSync(path, line(1));
    expect(await highest(reader)).toBe(1);
    appendFileSync(path, line(2).slice(0, -30));
    expect(await highest(reader)).toBe(1);
    appendFileSync(path, line(2).slice(-30, -1));
    expect(await highest(reader)).toBe(2);
    appendFileSync(path, `\n${line(3)}`);
    expect(await reader.read()).toEqual({ epoch: 3, atMs: Date.parse(AT) });
  });

  it('is that of the file which is there now: deleted, emptied and replaced files are seen as such', async () => {
    writeFileSync(path, line(1) + line(2));
    copyFileSync(path, `${path}.old`);
    appendFileSync(path, line(3) + line(4));
    expect(await highest(reader)).toBe(4);
    copyFileSync(`${path}.old`, path);
    expect(await highest(reader)).toBe(2);
    truncateSync(path);
    expect(await reader.read()).toBeNull();
    rmSync(path);
    expect(await reader.read()).toBeNull();
    writeFileSync(path, line(5));
    expect(await highest(reader)).toBe(5);
    writeFileSync(path, line(3) + line(3) + line(3));
    expect(await highest(reader)).toBe(3);
  });

  it('counts no forged line and none of another installation', async () => {
    const forger = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    const forged = line(90, new CheckpointSigner(forger.toString()));
    writeFileSync(path, `${forged}${line(91, signer, 'other')}${line(2)}no line\n${forged}`);
    expect(await highest(reader)).toBe(2);
  });

  it('tells a file that was just begun, and by whom at which epoch, from one with checkpoints', async () => {
    const beginning = (beganAt: number) => {
      const kind = 'checkpoints-begun' as const;
      const facts = { kind, deployment: 'default', epoch: 0 as const, beganAt, reason: 'x', at: AT };
      return `${JSON.stringify(signer.sign(facts))}\n`;
    };
    writeFileSync(path, beginning(0) + beginning(7) + beginning(2));
    expect(await reader.read()).toEqual({ epoch: 0, atMs: null, beganAt: 7 });
    writeFileSync(path, beginning(9) + line(1));
    expect(await highest(reader)).toBe(1);
    writeFileSync(path, beginning(9).replace('"beganAt":9', '"beganAt":99'));
    expect(await reader.read()).toBeNull();
  });

  it('of a restored backup is in no database: only an acknowledgement answers it', async () => {
    const kind = 'backup-restored' as const;
    const facts = { kind, deployment: 'default', epoch: 8, restoredTo: 5, takenAt: AT, at: AT };
    writeFileSync(path, `${line(7)}${JSON.stringify(signer.sign(facts))}\n`);
    expect(await reader.read()).toEqual({ epoch: 8, atMs: null });
  });
});
