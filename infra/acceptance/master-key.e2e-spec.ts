import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PgPool, RewrapStore, type WrappedCount } from '#lib/persistence';
import { startStack, type RunningStack } from '#lib/testing';
import { Person } from './support/client.js';

// Three starts of the whole stack, on whatever machine this is.
jest.setTimeout(240_000);

const root = resolve(import.meta.dirname, '../..');

describe('#24 the runbook of replacing a local master key', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'claviger-master-key-'));
  let stack: RunningStack;
  let before: WrappedCount[];
  afterAll(async () => {
    await stack.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function held(): Promise<WrappedCount[]> {
    const pool = new PgPool({ databaseUrl: stack.state.databaseUrl, max: 1 });
    try {
      return await new RewrapStore(pool).progress();
    } finally {
      await pool.close();
    }
  }

  async function run(): Promise<string> {
    const { demo, urls } = stack.state;
    const workflow = new Person(urls.engine, demo?.engineToken);
    const path = `/internal/v1/workspaces/${demo?.workspaceId}/agent-runs`;
    const agent = { model: 'gpt-4.1-mini', prompt: 'Say hello.' };
    const { status } = await workflow.ok<{ status: string }>('POST', path, {
      nodeExecutionId: `after-rotation-${Date.now()}`,
      agent,
    });
    return status;
  }

  const workerMayRead = () =>
    readFileSync(`/proc/${stack.state.pids.worker}/cmdline`, 'utf8').includes(join(dataDir, 'keys/kms/call'));

  it('adds a key, and what is sealed from then on is under it while the rest stays where it was', async () => {
    stack = await startStack({ demo: true, dataDir });
    before = await held();
    expect(before).toHaveLength(1);
    expect(workerMayRead()).toBe(false);
    await stack.stop();
    const env = { ...process.env, CLAVIGER_DATA_DIR: dataDir };
    const said = execFileSync(process.execPath, [join(root, 'dist/infra/local/new-master-key.js')], { env });
    expect(said.toString()).toMatch(/new master key.*CLAVIGER_REWRAP_FROM=all/s);
  });

  it('moves everything with CLAVIGER_REWRAP_FROM=all, says so, and calls go on', async () => {
    stack = await startStack({ demo: true, dataDir, env: { CLAVIGER_REWRAP_FROM: 'all' } });
    expect(workerMayRead()).toBe(true);
    const log = () => readFileSync(join(dataDir, 'logs/worker.log'), 'utf8');
    for (let waited = 0; !log().includes('the re-wrap is complete') && waited < 30_000; waited += 100)
      await new Promise((done) => setTimeout(done, 100));
    const after = await held();
    expect(after.map(({ kmsRef }) => kmsRef)).toEqual([expect.not.stringContaining(before[0]!.kmsRef)]);
    // The demo of this start sealed some more.
    expect(after[0]!.versions).toBeGreaterThanOrEqual(before[0]!.versions);
    expect(await run()).toBe('succeeded');
    await stack.stop();
  });

  it('takes the key from the worker again at the next start', async () => {
    stack = await startStack({ demo: true, dataDir });
    expect(workerMayRead()).toBe(false);
    expect(await run()).toBe('succeeded');
  });
});
