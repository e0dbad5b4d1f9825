import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { migrate, MIGRATIONS, roleUrl } from '#lib/persistence';
import {
  startEmptyDatabase,
  startFakeUpstream,
  startTestDatabase,
  type FakeUpstream,
  type TestDatabase,
} from '#lib/testing';
import { makeKeyFiles, type KeyFiles } from '../../apps/api/test/support/key-files.js';
import { Person } from '../../apps/api/test/support/person.js';
import { startPlane, type PlaneProcess } from '../../apps/api/test/support/plane-process.js';

jest.setTimeout(180_000);

const root = resolve(import.meta.dirname, '../..');
const NEXT = join(root, 'infra/acceptance/fixtures/next-schema');
const SECRET = 'sk-upgrade-0123456789abcdef-UUUU';

/** What processes of this version do beside a schema of another one (ADR 0016). */
describe('an upgrade', () => {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-upgrade-'));
  let database: TestDatabase;
  let keyFiles: KeyFiles;
  let upstream: FakeUpstream;
  let engine: PlaneProcess;
  let api: PlaneProcess;
  let owner: Person;
  let token: string;
  let keyId: string;

  beforeAll(async () => {
    cpSync(join(root, 'prisma/migrations'), folder, { recursive: true });
    database = await startTestDatabase();
    keyFiles = makeKeyFiles();
    upstream = await startFakeUpstream();
    engine = await startEngine();
    api = await startApi();
    owner = await new Person(api.url).signUp('owner@upgrade.test');
    token = (await owner.post('/tokens', { name: 'flows', kind: 'engine' })).body.token;
    const baseUrl = upstream.baseUrls.openai;
    const key = { name: 'K', provider: 'openai', secret: SECRET, baseUrl };
    keyId = (await owner.post('/ai-providers', key)).body.id;
    await owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, {
      assignments: [{ aiProviderId: keyId }],
    });
  });
  afterAll(async () => {
    await api?.stop();
    await engine?.stop();
    await upstream?.stop();
    await database?.stop();
    keyFiles?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const egress = () => ({ CLAVIGER_EGRESS_ALLOW: `http://127.0.0.1/32:${upstream.port}` });
  const startEngine = (url = database.engineUrl) =>
    startPlane('engine', { DATABASE_URL: url, ...keyFiles.engineEnv, ...egress() });
  const startApi = (url = database.apiUrl) =>
    startPlane('api', {
      ...{ DATABASE_URL: url, ...keyFiles.env, ...egress() },
      CLAVIGER_ENGINE_INTERNAL_URL: engine.url,
    });
  const refusal = (start: Promise<PlaneProcess>): Promise<string> =>
    start.then(
      async (plane) => {
        await plane.stop();
        return 'it started';
      },
      (error: Error) => error.message,
    );

  let calls = 0;
  async function run(at = engine): Promise<string> {
    const body = { nodeExecutionId: `n-${(calls += 1)}`, agent: { prompt: 'Say hello.' } };
    const response = await fetch(`${at.url}/internal/v1/workspaces/${owner.workspaceId}/agent-runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { code } = (await response.json()) as { code?: string };
    return code === undefined ? String(response.status) : `${response.status} ${code}`;
  }
  /** Reads and writes of the control plane, the ones whose tables the next schema touches. */
  async function useApi(n: number): Promise<{ status: number; body: { code?: string } }[]> {
    return [
      await owner.get('/ai-providers'),
      await owner.patch(`/ai-providers/${keyId}`, { name: `K ${n}` }),
      await owner.post('/tokens', { name: `t ${n}`, kind: 'api' }),
      await owner.get(`/workspaces/${owner.workspaceId}/models`),
      await owner.get('/usage'),
    ];
  }
  const ready = async (at: PlaneProcess) => (await fetch(`${at.url}/readyz`)).status;

  it('to a schema that only adds fails no call of the processes that run beside it, and they may restart', async () => {
    const failed: string[] = [];
    const done = { engine: 0, api: 0 };
    let stop = false;
    const runner = async () => {
      while (!stop) {
        const status = await run();
        done.engine += 1;
        if (status !== '200') failed.push(`run ${status}`);
      }
    };
    const editor = async () => {
      for (let n = 0; !stop; n += 1) {
        for (const { status, body } of await useApi(n)) {
          done.api += 1;
          if (status >= 300) failed.push(`api ${status} ${body.code}`);
        }
      }
    };
    const load = Promise.all([runner(), runner(), runner(), editor()]);
    await delay(1_000);
    for (const file of readdirSync(NEXT).sort()) {
      cpSync(join(NEXT, file), join(folder, file));
      expect((await migrate(database.ownerUrl, { folder })).applied).toEqual([file.slice(0, -4)]);
      const before = { ...done };
      while (done.engine < before.engine + 10 || done.api < before.api + 5) await delay(20);
    }
    stop = true;
    await load;
    expect(failed).toEqual([]);
    expect([await ready(engine), await ready(api)]).toEqual([200, 200]);

    const restarted = await startEngine();
    expect(await run(restarted)).toBe('200');
    await restarted.stop();
    const restartedApi = await startApi();
    expect(await ready(restartedApi)).toBe(200);
    await restartedApi.stop();
  });

  it('whose migrator is older than the database changes nothing and says so', async () => {
    await expect(migrate(database.ownerUrl)).rejects.toThrow(/newer Claviger \(9001_next_columns/);
  });

  it('that takes something away ends the service of processes that do not know its replacement, by name', async () => {
    const contract =
      '-- contract: 0.9.0 needs 9001_next_columns\nALTER TABLE provider_keys DROP COLUMN tier;\n';
    writeFileSync(join(folder, '9004_contract.sql'), contract);
    await migrate(database.ownerUrl, { folder });
    expect([await ready(engine), await ready(api)]).toEqual([503, 503]);
    const { checks } = (await (await fetch(`${engine.url}/readyz`)).json()) as { checks: object };
    expect(checks).toMatchObject({ database: 'ok', schema: 'failed' });
    for (const start of [startEngine, startApi])
      expect(await refusal(start())).toMatch(
        /Claviger 0\.9\.0 has taken .*it needs 9001_next_columns.*start 0\.9\.0 or newer/,
      );
  });

  it('is refused by a process that is newer than the schema, with what to do', async () => {
    const old = mkdtempSync(join(tmpdir(), 'claviger-old-schema-'));
    const empty = await startEmptyDatabase();
    try {
      const names = readdirSync(join(root, 'prisma/migrations')).sort();
      for (const name of names.filter((file) => file < '0018'))
        cpSync(join(root, 'prisma/migrations', name), join(old, name));
      for (const role of ['claviger_engine', 'claviger_api'] as const) {
        const url = roleUrl(empty.superuserUrl, role);
        const start = () => (role === 'claviger_engine' ? startEngine(url) : startApi(url));
        await migrate(empty.superuserUrl, { folder: old });
        expect(await refusal(start())).toMatch(
          /lacks 0018_processes_read_the_ledger, which this version needs: run its migrator/,
        );
      }
    } finally {
      await empty.stop();
      rmSync(old, { recursive: true });
    }
  });

  it('of every process knows the migrations that it was built with', () => {
    const files = readdirSync(join(root, 'prisma/migrations')).sort();
    expect([...MIGRATIONS]).toEqual(files.map((name) => name.slice(0, -'.sql'.length)));
  });
});
