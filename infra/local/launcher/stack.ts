import { processEnvironment, type Environment, type LauncherConfig } from '#lib/config';
import { startChild, type RunningChild } from './child-process.js';
import { refuseForeignKeys } from './check-keys.js';
import { type DataDir } from './data-dir.js';
import { prepareDatabase, type Database } from './database.js';
import { ensureKeys, ensureOperatorToken } from './keys.js';
import { checkpointFile, refuseOldCopy } from './old-copy.js';
import { choosePorts, type PortName, type Ports } from './ports.js';
import { planProcesses } from './processes.js';
import type { State } from './state.js';
import { startUpstream } from './upstream.js';

export interface StackOptions {
  root: string;
  config: LauncherConfig;
  dataDir: DataDir;
  /** Whether the fake upstream runs beside the processes. */
  demo: boolean;
  log: (line: string) => void;
  /** Shows the processes' log lines as well. */
  echo?: (line: string) => void;
  env?: Environment;
}

export interface Stack {
  state: State;
  /** Resolves when a process ends that was not asked to. */
  broken: Promise<string>;
  stop(): Promise<void>;
}

/** Boots database, keys and every process, each once the one it needs is ready. What was started is stopped when one fails. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { config, dataDir, log } = options;
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    for (const part of started.splice(0).reverse()) await part.stop();
  };
  try {
    const ports = await portsFor(config, options.demo);
    const database = await prepareDatabase(config, dataDir.path, log);
    started.push(database);
    const operatorToken = config.operatorToken ?? ensureOperatorToken(dataDir.keys);
    const children = await startAll(options, { ports, database, operatorToken }, (child) => {
      started.push(child);
    });
    const pids = Object.fromEntries(children.map(({ name, pid }) => [name, pid]));
    dataDir.recordPids(pids);
    const state: State = {
      ports: { ...ports, database: database.port },
      urls: urlsOf(ports, options.demo),
      pids: { launcher: process.pid, ...pids, ...(database.pid && { database: database.pid }) },
      databaseUrl: database.adminUrl,
      operatorToken,
    };
    return { state, broken: Promise.race(children.map(({ ended }) => ended)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function portsFor(config: LauncherConfig, demo: boolean): Promise<Ports> {
  const { upstream, ...rest } = config.ports;
  const chosen = await choosePorts(demo ? config.ports : rest, config.host);
  return { ...config.ports, upstream, ...chosen };
}

async function startAll(
  options: StackOptions,
  made: { ports: Ports; database: Database; operatorToken: string },
  onStarted: (child: RunningChild) => void,
): Promise<RunningChild[]> {
  const { config, dataDir, root, echo } = options;
  const { ports, database, operatorToken } = made;
  const children: RunningChild[] = [];
  const add = async (starting: Promise<RunningChild>) => {
    const child = await starting;
    onStarted(child);
    children.push(child);
  };
  const egressAllow = [...config.egressAllow];
  if (options.demo) {
    await add(startUpstream({ root, port: ports.upstream, logs: dataDir.logs, echo }));
    egressAllow.push(`http://127.0.0.1/32:${ports.upstream}`);
  }
  const keys = ensureKeys(dataDir.keys, database.uses);
  await refuseForeignKeys(database.adminUrl, keys);
  const checkpoints = checkpointFile(config.checkpointsPath, dataDir.path);
  await refuseOldCopy(database.adminUrl, checkpoints, keys.auditPublicKey, config.deployment);
  const plans = planProcesses({
    root,
    host: config.host,
    ports,
    keys,
    checkpoints,
    databaseUrls: database.roles,
    operatorToken,
    egressAllow,
    publicUrl: config.publicUrl ?? `http://localhost:${ports.web}`,
    operator: options.env ?? processEnvironment(),
  });
  const results = await Promise.allSettled(
    plans.map((plan) =>
      add(startChild({ ...plan, readyUrl: readyUrl(plan.name, ports), logs: dataDir.logs, echo })),
    ),
  );
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
  return children;
}

function readyUrl(name: PortName, ports: Ports): string {
  return `http://127.0.0.1:${ports[name]}/readyz`;
}

function urlsOf(ports: Ports, demo: boolean): State['urls'] {
  const at = (name: PortName) => `http://localhost:${ports[name]}`;
  return {
    api: at('api'),
    engine: at('engine'),
    web: at('web'),
    worker: at('worker'),
    ...(demo && { upstream: at('upstream') }),
  };
}
