import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PLATFORM_ORG } from '#lib/contracts';
import { newId, systemClock, toUuid } from '#lib/kernel';
import {
  appendAuditPg,
  CheckpointSigner,
  CheckpointStore,
  CheckpointReader,
  CheckpointVerifier,
  PgPool,
  readCheckpoints,
  RestoreStore,
  withTenantPg,
} from '#lib/persistence';
import { createLogger } from '#lib/telemetry';
import { makeTenant, startTestDatabase, type TestDatabase } from '#lib/testing';
import { AuditCheckpointsService } from '../../../apps/worker/src/audit-checkpoints/audit-checkpoints.service.js';
import { acknowledgeRestore } from './acknowledge.js';
import { evidenceOf } from './checkpoints.js';
import { beginCheckpoints } from './restored.js';
import { describe as inWords, verifyDatabase } from './verify.js';

const pair = generateKeyPairSync('ed25519');
const privatePem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const signer = new CheckpointSigner(privatePem);
const verifier = new CheckpointVerifier(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString());
const log = createLogger({ process: 'worker', level: 'silent' });
const deployment = 'default';
const toolConfig = (dataDir: string) => ({
  ...{ dataDir, deployment, databaseUrl: null, checkpointsPath: null },
  ...{ publicKeyPath: null, privateKeyPath: null, engineStateDir: null },
});

let database: TestDatabase;
let pools: Record<'root' | 'api' | 'engine' | 'worker', PgPool>;
let folder: string;
let path: string;
let orgId: string;
let service: AuditCheckpointsService;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'claviger-audit-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  database = await startTestDatabase();
  const pool = (databaseUrl: string) => new PgPool({ databaseUrl, max: 2 });
  pools = {
    root: pool(database.superuserUrl),
    api: pool(database.apiUrl),
    engine: pool(database.engineUrl),
    worker: pool(database.workerUrl),
  };
  ({ orgId } = await makeTenant(database.superuserUrl));
  path = join(folder, `${newId('req')}.ndjson`);
  service = serviceFor(path);
});
afterEach(async () => {
  await Promise.all(Object.values(pools).map((pool) => pool.close()));
  await database.stop();
});

function serviceFor(file: string): AuditCheckpointsService {
  const desk = { deployment, signer, file: { path: file, reader: readerOf(file) } };
  const stores = [new CheckpointStore(pools.worker), new RestoreStore(pools.worker)] as const;
  return new AuditCheckpointsService(...stores, desk, systemClock, log);
}

function readerOf(file: string): CheckpointReader {
  return new CheckpointReader(file, verifier, deployment);
}

const lastEpoch = async () => (await readerOf(path).read())?.epoch ?? 0;

async function append(count: number, org = orgId): Promise<void> {
  const facts = { orgId: org, actor: 'system', action: 'test:Change', target: org, ip: null };
  for (let i = 0; i < count; i += 1) {
    const change = { i, text: 'ü","change":{' };
    await withTenantPg(pools.api, org, (tx) =>
      appendAuditPg(tx, { ...facts, requestId: newId('req'), change }),
    );
  }
}

/** What only a superuser can do: the triggers are out of the way. */
async function tamper(...statements: string[]): Promise<void> {
  await pools.root.transaction(async (client) => {
    await client.query('SET LOCAL session_replication_role = replica');
    for (const sql of statements) await client.query(sql, sql.includes('$1') ? [toUuid(orgId)] : []);
  });
}

const evidence = async () => evidenceOf(await readCheckpoints(path, verifier), deployment);

/** What the command finds about the organization: the first bad number, or ok. */
async function verified(): Promise<number | 'ok'> {
  const findings = await verifyDatabase(pools.root, await evidence());
  const verdict = findings.find((finding) => finding.orgId === orgId)?.verdict;
  if (!verdict) throw new Error('the organization was not looked at');
  return verdict.ok ? 'ok' : verdict.firstBadSeq;
}

const HEAD_TO = (seq: number) =>
  `UPDATE audit_heads h SET seq = ${seq}, hash = (SELECT hash FROM audit_events e
     WHERE e.org_id = h.org_id AND e.seq = ${seq}) WHERE h.org_id = $1`;
const REHASH = (from: number) => `
  DO $do$ DECLARE e audit_events; before bytea; BEGIN
    FOR e IN SELECT * FROM audit_events WHERE seq >= ${from} ORDER BY org_id, seq LOOP
      SELECT hash INTO before FROM audit_events p WHERE p.org_id = e.org_id AND p.seq = e.seq - 1;
      UPDATE audit_events SET hash = lookup.audit_hash(coalesce(before, decode(repeat('00', 32), 'hex')), e)
        WHERE org_id = e.org_id AND seq = e.seq;
    END LOOP;
    UPDATE audit_heads h SET hash = (SELECT hash FROM audit_events p WHERE p.org_id = h.org_id AND p.seq = h.seq);
  END $do$`;

describe('audit verify', () => {
  it.each([
    ['edits an event', 3, [`UPDATE audit_events SET actor = 'usr_x' WHERE org_id = $1 AND seq = 3`]],
    [
      'edits an event and makes all hashes anew',
      3,
      [`UPDATE audit_events SET actor = 'usr_x' WHERE org_id = $1 AND seq = 3`, REHASH(3)],
    ],
    ['deletes an event', 2, ['DELETE FROM audit_events WHERE org_id = $1 AND seq = 2']],
    [
      'deletes an event, closes the gap and makes all hashes anew',
      2,
      [
        'DELETE FROM audit_events WHERE org_id = $1 AND seq = 2',
        'UPDATE audit_events SET seq = seq - 1 WHERE org_id = $1 AND seq = 3',
        'UPDATE audit_events SET seq = seq - 1 WHERE org_id = $1 AND seq = 4',
        'UPDATE audit_events SET seq = seq - 1 WHERE org_id = $1 AND seq = 5',
        HEAD_TO(4),
        REHASH(2),
      ],
    ],
    [
      'swaps two events',
      2,
      [
        'UPDATE audit_events SET seq = 99 WHERE org_id = $1 AND seq = 2',
        'UPDATE audit_events SET seq = 2 WHERE org_id = $1 AND seq = 3',
        'UPDATE audit_events SET seq = 3 WHERE org_id = $1 AND seq = 99',
      ],
    ],
    ['cuts the tail', 4, ['DELETE FROM audit_events WHERE org_id = $1 AND seq > 3']],
    [
      'cuts the tail and sets the head back',
      5,
      ['DELETE FROM audit_events WHERE org_id = $1 AND seq > 4', HEAD_TO(4)],
    ],
    ['truncates the log', 1, ['TRUNCATE audit_events']],
    [
      'truncates log, heads, and the checkpoints in the database',
      1,
      ['TRUNCATE audit_events', 'TRUNCATE audit_heads', 'TRUNCATE audit_checkpoints'],
    ],
    [
      'removes all trace of the organization',
      1,
      ['audit_events', 'audit_heads', 'audit_checkpoints', 'orgs'].map(
        (table) => `DELETE FROM ${table} WHERE org_id = $1`,
      ),
    ],
  ])('#9 a superuser %s: the first bad sequence number is named', async (_what, firstBadSeq, statements) => {
    for (let i = 0; i < 5; i += 1) {
      await append(1);
      await service.run();
    }
    expect(await verified()).toBe('ok');
    await tamper(...statements);
    expect(await verified()).toBe(firstBadSeq);
  });

  it('#9 covers the platform’s own chain: signed, and an edited or removed act of an operator is named', async () => {
    await append(1);
    await append(4, PLATFORM_ORG);
    await service.run();
    expect((await evidence()).heads.get(PLATFORM_ORG)?.map(({ seq }) => seq)).toEqual([4]);
    const said = async () => (await verifyDatabase(pools.root, await evidence())).map(inWords).sort();
    expect(await said()).toEqual([
      expect.stringContaining(`${orgId}  ok`),
      'platform  ok, 4 events, 1 checkpoints',
    ]);
    const platform = `org_id = '${toUuid(PLATFORM_ORG)}'`;
    await tamper(`UPDATE audit_events SET actor = 'usr_x' WHERE ${platform} AND seq = 3`);
    expect((await said())[1]).toContain('platform  BAD, first bad sequence number 3');
    for (const table of ['audit_events', 'audit_heads', 'audit_checkpoints'])
      await tamper(`DELETE FROM ${table} WHERE ${platform}`);
    expect((await said())[1]).toContain('platform  BAD, first bad sequence number 1');
  });

  it('#9 a head that was set back is never signed, nor is a chain that went on from there', async () => {
    await append(5);
    await service.run();
    await tamper('DELETE FROM audit_events WHERE org_id = $1 AND seq > 3', HEAD_TO(3));
    await service.run();
    expect((await evidence()).heads.get(orgId)?.map(({ seq }) => seq)).toEqual([5]);
    await append(3);
    await service.run();
    expect(await verified()).toBe(5);
  });

  it('a checkpoint that was edited, forged or copied from another installation proves nothing, and is named', async () => {
    await append(2);
    await service.run();
    const genuine = readFileSync(path, 'utf8');
    const forger = generateKeyPairSync('ed25519')
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    const facts = { kind: 'checkpoint' as const, deployment, epoch: 9, orgId, seq: 9, hash: '00', at: 'now' };
    const forged = `${JSON.stringify(new CheckpointSigner(forger).sign(facts))}\n`;
    const foreign = `${JSON.stringify(signer.sign({ ...facts, deployment: 'other' }))}\n`;
    writeFileSync(path, genuine.replace('"seq":2', '"seq":1') + genuine + forged + foreign);
    const found = await evidence();
    expect(found.bad).toEqual([2, 5]);
    expect(found.heads.get(orgId)?.map(({ seq }) => seq)).toEqual([2]);
    expect(await lastEpoch()).toBe(1);
  });

  it('the file is filled up from the database after a crash in the middle of a line; once lost, only after an operator began it anew', async () => {
    await append(1);
    await service.run();
    await append(1);
    await service.run();
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, whole.slice(0, -40));
    await append(1);
    await service.run();
    expect(new Set((await evidence()).heads.get(orgId)?.map(({ seq }) => seq))).toEqual(new Set([1, 2, 3]));
    rmSync(path);
    await append(1);
    await service.run();
    expect([existsSync(path), await new CheckpointStore(pools.root).epoch()]).toEqual([false, 3]);

    const keyPath = join(folder, 'private.pem');
    writeFileSync(keyPath, privatePem);
    const said: string[] = [];
    const config = { ...toolConfig(folder), privateKeyPath: keyPath };
    const desk = { config, path, verifier, say: (line: string) => void said.push(line) };
    expect(await beginCheckpoints(desk, pools.root, 'disk of the file lost')).toBe(0);
    expect(await beginCheckpoints(desk, pools.root, 'once more')).toBe(1);
    expect(said[0]).toContain('Begun at the database');
    await service.run();
    expect(new Set((await evidence()).heads.get(orgId)?.map(({ seq }) => seq))).toEqual(
      new Set([1, 2, 3, 4]),
    );
    expect((await evidence()).restores).toEqual([expect.stringContaining('begun anew at epoch 3')]);
  });

  it('nothing that moved is left unsigned, nothing that did not is signed again', async () => {
    const { orgId: other } = await makeTenant(database.superuserUrl);
    await append(1);
    await append(2, other);
    await service.run();
    await service.run();
    await append(1, other);
    await service.run();
    const heads = (await evidence()).heads;
    expect([heads.get(orgId)?.length, heads.get(other)?.length]).toEqual([1, 2]);
  });
});

describe('the log', () => {
  it('#9 refuses UPDATE, DELETE and TRUNCATE to every process role and to the owner', async () => {
    await append(2);
    await service.run();
    const org = toUuid(orgId);
    let refused = 0;
    for (const role of ['claviger_api', 'claviger_engine', 'claviger_worker', 'claviger_owner']) {
      for (const table of ['audit_events', 'audit_heads', 'audit_checkpoints']) {
        for (const sql of [`UPDATE ${table} SET seq = 0`, `DELETE FROM ${table}`, `TRUNCATE ${table}`]) {
          const attempt = pools.root.transaction(async (client) => {
            await client.query(`SET LOCAL ROLE ${role}`);
            await client.query(`SELECT set_config('app.org_id', $1, true)`, [org]);
            await client.query(sql);
          });
          await expect(attempt).rejects.toMatchObject({ code: '42501' });
          refused += 1;
        }
      }
    }
    expect(refused).toBe(36);
    expect(await verified()).toBe('ok');
  });
});

describe('an old copy of the database', () => {
  it('is not signed over; once acknowledged its epoch is past the file’s, and the logs and the file say so', async () => {
    await append(1);
    await service.run();
    const copy = ['audit_epochs', 'audit_checkpoints', 'audit_events', 'audit_heads'];
    for (const table of copy) await pools.root.query(`CREATE TABLE copy_${table} AS TABLE ${table}`);
    for (let i = 0; i < 3; i += 1) {
      await append(1);
      await service.run();
    }
    for (const table of copy)
      await tamper(`DELETE FROM ${table}`, `INSERT INTO ${table} SELECT * FROM copy_${table}`);
    await append(1);
    await service.run();
    const store = new CheckpointStore(pools.root);
    expect([await store.epoch(), await lastEpoch()]).toEqual([1, 4]);
    expect(await verified()).toBe(2);

    await expect(new CheckpointStore(pools.api).acknowledgeRestore(4, 'x')).rejects.toMatchObject({
      code: '42501',
    });
    expect(await acknowledgeRestore(pools.root, 4, 'disk lost')).toMatchObject({ epoch: 5, restoredTo: 1 });
    await expect(store.acknowledgeRestore(4, 'again')).rejects.toThrow('not behind');
    await service.run();
    expect(await verified()).toBe('ok');
    expect((await evidence()).restores).toEqual([expect.stringContaining('epoch 4 back to 1')]);
    const { rows } = await pools.root.query<{ action: string }>(
      `SELECT action FROM audit_events WHERE seq = 3 OR org_id = '${toUuid(PLATFORM_ORG)}'`,
    );
    const said = { action: 'platform:AcknowledgeRestore' };
    expect(rows).toEqual([said, said]);
  });
});
