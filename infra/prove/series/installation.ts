import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, PgPool, roleUrl } from '#lib/persistence';
import { makeKeyFiles, startFakeUpstream, type FakeUpstream } from '#lib/testing';
import { startPostgres } from '../../local/postgres/index.js';
import { Arrivals } from './arrivals.js';
import { PostgresProxy } from './postgres-proxy.js';
import { startProcess, type RunningProcess } from './processes.js';
import { startSlowTool, type SlowTool } from './slow-tool.js';

/** A control plane and two execution planes as processes, a database that stamps its commits, and a vendor that notes arrivals. */
export interface Installation {
  /** Sees everything: for arranging and for looking behind the walls. */
  db: PgPool;
  /** Between the engines and the database. */
  proxy: PostgresProxy;
  upstream: FakeUpstream;
  arrivals: Arrivals;
  tool: SlowTool;
  api: RunningProcess;
  engines: readonly RunningProcess[];
  operatorToken: string;
  /** Behind all walls. */
  superuserUrl: string;
  /** Starts another engine, from another build or with another main when they are named. */
  startEngine(build?: string, main?: string): Promise<RunningProcess>;
  startWorker(): Promise<RunningProcess>;
  stop(): Promise<void>;
}

/** Further settings of each kind of process, in place of what it has otherwise. */
export type Settings = Partial<Record<'api' | 'engine' | 'worker', Record<string, string>>>;

export async function startInstallation(settings: Settings = {}): Promise<Installation> {
  const ends: (() => Promise<unknown> | void)[] = [];
  const stop = async () => {
    for (const end of ends.reverse()) await end();
  };
  /** What was started last ends first, also when a later start fails. */
  const keep = <T extends { stop(): Promise<unknown> }>(started: T): T => {
    ends.push(() => started.stop());
    return started;
  };
  try {
    return { ...(await boot(keep, ends, settings)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Keep = <T extends { stop(): Promise<unknown> }>(started: T) => T;

async function boot(
  keep: Keep,
  ends: (() => Promise<unknown> | void)[],
  settings: Settings,
): Promise<Omit<Installation, 'stop'>> {
  const postgres = keep(await startDatabase());
  const db = new PgPool({ databaseUrl: postgres.superuserUrl, max: 4 });
  ends.push(() => db.close());
  const proxy = keep(await PostgresProxy.start(postgres.port));
  const arrivals = new Arrivals();
  const upstream = keep(await startFakeUpstream({ onArrival: arrivals.take }));
  const tool = keep(await startSlowTool());
  const files = makeKeyFiles();
  ends.push(() => files.remove());
  const url = (role: 'claviger_api' | 'claviger_engine' | 'claviger_worker') =>
    roleUrl(postgres.superuserUrl, role);
  const egress = [upstream.port, tool.port].map((port) => `http://127.0.0.1/32:${port}`).join(',');
  const common = { CLAVIGER_EGRESS_ALLOW: egress };
  const engineEnv = {
    ...{ ...common, DATABASE_URL: proxy.through(url('claviger_engine')) },
    ...files.engineEnv,
    ...settings.engine,
  };
  const startEngine = async (build?: string, main?: string) =>
    keep(await startProcess('engine', engineEnv, build, main));
  const engines = [await startEngine(), await startEngine()];
  const operatorToken = randomBytes(24).toString('base64url');
  const api = keep(
    await startProcess('api', {
      ...common,
      ...files.env,
      DATABASE_URL: url('claviger_api'),
      CLAVIGER_ENGINE_INTERNAL_URL: engines[0]!.url,
      CLAVIGER_OPERATOR_TOKEN: operatorToken,
      CLAVIGER_AUTH_THROTTLE: 'off',
      ...settings.api,
    }),
  );
  const startWorker = async () =>
    keep(await startProcess('worker', { DATABASE_URL: url('claviger_worker'), ...settings.worker }));
  const { superuserUrl } = postgres;
  const around = { db, proxy, upstream, arrivals, tool, superuserUrl, operatorToken };
  return { ...around, api, engines, startEngine, startWorker };
}

/** A server of its own: commits get a time stamp, which is a setting of the whole cluster. */
async function startDatabase() {
  const dataDir = await mkdtemp(join(tmpdir(), 'claviger-prove-'));
  await chmod(dataDir, 0o755); // the database's user must get in
  const settings = { track_commit_timestamp: 'on' };
  const postgres = await startPostgres({ dataDir, throwaway: true, settings });
  await migrate(postgres.superuserUrl);
  return postgres;
}
