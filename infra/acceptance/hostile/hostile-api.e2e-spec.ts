import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PgPool } from '#lib/persistence';
import { startTestDatabase, type TestDatabase } from '#lib/testing';
import { ensureKeys, NO_USES, type KeyFiles } from '../../local/launcher/keys.js';
import { planProcesses, type ProcessPlan } from '../../local/launcher/processes.js';
import { freePort, startHostile, type AttackReport, type AttackTarget } from './hostile-process.js';

// The whole heap is searched, on whatever machine this is.
jest.setTimeout(240_000);

const root = resolve(import.meta.dirname, '../../..');
const API_KEY = 'sk-hostile-canary-0123456789abcdef';

/** What the api's own login must not answer (the whole database is given to the attacker besides). */
const QUERIES = [
  'SELECT wrapped_dek FROM secret_versions',
  'SELECT envelope FROM secret_versions',
  'UPDATE secret_versions SET envelope = envelope RETURNING envelope',
  "SELECT lookup.authorised_state('[]')",
  'SET ROLE claviger_engine',
  'SET ROLE claviger_lookup',
  'SET ROLE claviger_owner',
  "SELECT pg_read_file('/etc/passwd')",
  "COPY (SELECT 1) TO PROGRAM 'cat'",
  'ALTER TABLE secret_versions NO FORCE ROW LEVEL SECURITY',
];

/** By Node's permission model, by the flags beside it, and by Postgres' grants; nothing merely failed. */
const REFUSED =
  /^refused: (ERR_ACCESS_DENIED|ERR_DLOPEN_DISABLED|ERR_UNKNOWN_BUILTIN_MODULE|Cannot delete .*|42501)$/;

describe('#32 hostile code inside the api', () => {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-hostile-'));
  let database: TestDatabase;
  let keys: KeyFiles;
  let bystander: ChildProcess;
  let bystanderSays = '';

  beforeAll(async () => {
    database = await startTestDatabase();
    keys = ensureKeys(folder, NO_USES);
    bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    bystander.stderr?.on('data', (chunk: Buffer) => (bystanderSays += String(chunk)));
    await storeKey();
  });
  afterAll(async () => {
    bystander.kill('SIGKILL');
    await database.stop();
    rmSync(folder, { recursive: true });
  });

  /** The api as the launcher starts it. */
  async function apiPlan(): Promise<ProcessPlan> {
    const port = await freePort();
    const plans = planProcesses({
      metricsPorts: null,
      root,
      host: '127.0.0.1',
      ports: { web: 1, api: port, engine: 2, worker: 3, upstream: 4 },
      keys,
      databaseUrls: { api: database.apiUrl, engine: database.engineUrl, worker: database.workerUrl },
      operatorToken: 'operator-token-of-the-hostile-test-0123456789',
      egressAllow: [],
      publicUrl: `http://127.0.0.1:${port}`,
      checkpoints: '/nowhere/checkpoints/audit.ndjson',
      engineState: '/nowhere/engine',
      engineProcesses: 1,
      operator: process.env,
    });
    const plan = plans.find(({ name }) => name === 'api');
    if (!plan) throw new Error('the launcher starts no api');
    return plan;
  }

  /** Seals a provider key through a process of its own: what an attacker sees pass by is not what this is about. */
  async function storeKey(): Promise<void> {
    const api = await startHostile(await apiPlan());
    const post = (path: string, body: object, headers: Record<string, string> = {}) =>
      fetch(`${api.url}/api/v1/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: api.url, ...headers },
        body: JSON.stringify(body),
      });
    const person = {
      email: 'owner@hostile.test',
      password: 'a long password',
      name: 'Owner',
      orgName: 'Hostile',
    };
    const signup = await post('auth/signup', person);
    const { csrfToken } = (await signup.json()) as { csrfToken: string };
    const cookie = signup.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    const created = await post(
      'ai-providers',
      { name: 'Key', provider: 'openai', secret: API_KEY },
      { cookie, 'x-csrf-token': csrfToken },
    );
    expect(created.status).toBe(201);
    await api.stop();
  }

  async function storedKeyId(): Promise<string> {
    const pool = new PgPool({ databaseUrl: database.superuserUrl, max: 1 });
    const { rows } = await pool.query<{ kms_ref: string }>('SELECT kms_ref FROM secret_versions');
    await pool.close();
    return rows[0]?.kms_ref.split(':').at(-1) ?? '';
  }

  async function attackWith(plan: ProcessPlan, keyId: string): Promise<AttackReport> {
    const engineFiles = [
      keys.callKeyset,
      ...['webhook', 'login'].map((name) => join(folder, 'kms', name, 'keyset.json')),
    ];
    const others = [process.pid, bystander.pid].flatMap((pid) =>
      ['environ', 'mem', 'maps', 'cmdline'].map((name) => `/proc/${pid}/${name}`),
    );
    const target: AttackTarget = {
      keyId,
      root,
      paths: [...engineFiles, '/proc/self/environ', '/proc/self/mem', ...others],
      bystander: bystander.pid ?? 0,
      queries: QUERIES,
    };
    const hostile = await startHostile(plan);
    try {
      return await hostile.attack(target);
    } finally {
      await hostile.stop();
    }
  }

  it('finds no private key in environment, files, descriptors and heap, and no way out', async () => {
    const keyId = await storedKeyId();
    expect(keyId).toMatch(/^[0-9a-f]{32}$/);
    const { found, outcomes } = await attackWith(await apiPlan(), keyId);
    expect(found).toEqual([]);
    const { 'heap strings examined': heap, ...attempts } = outcomes;
    expect(heap).toBe('looked');
    expect(Object.entries(attempts).filter(([, outcome]) => !REFUSED.test(outcome))).toEqual([]);
    expect(Object.keys(attempts).length).toBeGreaterThan(QUERIES.length + 15);
    expect(bystanderSays).not.toContain('Debugger');
    expect(bystander.exitCode).toBeNull();
  });

  it('would find it if the api could read the engine’s folder: the control', async () => {
    const keyId = await storedKeyId();
    const plan = await apiPlan();
    const leaky = { ...plan, args: [`--allow-fs-read=${join(folder, 'kms')}`, ...plan.args] };
    expect((await attackWith(leaky, keyId)).found).toHaveLength(1);
  });
});
