import { processEnvironment, type Environment, type LauncherConfig } from '#lib/config';
import { startChild, type RunningChild } from './child-process.js';
import { refuseForeignKeys } from './check-keys.js';
import { type DataDir } from './data-dir.js';
import { prepareDatabase, type Database } from './database.js';
import { makeEngineState } from './engine-state.js';
import { Fleet } from './fleet.js';
import { ensureKeys, ensureOperatorToken } from './keys.js';
import { checkpointFile, refuseOldCopy } from './old-copy.js';
import {
  choosePorts,
  metricsWishes,
  portWishes,
  type MetricsPorts,
  type PortName,
  type Ports,
} from './ports.js';
import { planProcesses, type ProcessPlan } from './processes.js';
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
  /** Resolves with the reason when somebody asks to stop, though it is not all up yet. */
  stopAsked?: Promise<string>;
  env?: Environment;
}

export interface Stack {
  /** As it is now: the engine's processes may be replaced while it runs. */
  readonly state: State;
  /** Tells that the state is another. */
  onChange(told: () => void): void;
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
    const { ports, metricsPorts } = await portsFor(config, options.demo);
    const database = await prepareDatabase(config, dataDir.path, log);
    started.push(database);
    const operatorToken = config.operatorToken ?? ensureOperatorToken(dataDir.keys);
    const fleet = new Fleet();
    const made = { ports, metricsPorts, database, operatorToken, fleet };
    const children = await startAll(options, made, (child) => {
      started.push(child);
    });
    const pids = Object.fromEntries(children.map(({ name, pid }) => [name, pid]));
    const record = () => dataDir.recordPids({ ...pids, ...fleet.all });
    record();
    fleet.onChange(record);
    const state: State = {
      ports: {
        ...ports,
        database: database.port,
        ...(metricsPorts && { apiMetrics: metricsPorts.api, engineMetrics: metricsPorts.engine }),
      },
      urls: urlsOf(ports, options.demo),
      pids: { launcher: process.pid, ...pids, ...(database.pid && { database: database.pid }) },
      databaseUrl: database.adminUrl,
      operatorToken,
    };
    return {
      get state() {
        return { ...state, pids: { ...state.pids, ...fleet.serving } };
      },
      onChange: (told) => fleet.onChange(told),
      broken: Promise.race(children.map(({ ended }) => ended)),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function portsFor(
  config: LauncherConfig,
  demo: boolean,
): Promise<{ ports: Ports; metricsPorts: MetricsPorts | null }> {
  const names: PortName[] = ['web', 'api', 'engine', 'worker'];
  if (demo) names.push('upstream');
  const wishes = [...portWishes(config.ports, names), ...metricsWishes(config.metricsPort)];
  const chosen = await choosePorts(wishes, config.host);
  const ports = { ...config.ports };
  for (const [index, name] of names.entries()) ports[name] = chosen[index] ?? ports[name];
  const [api, engine] = chosen.slice(names.length);
  return { ports, metricsPorts: api !== undefined && engine !== undefined ? { api, engine } : null };
}

interface Made {
  ports: Ports;
  metricsPorts: MetricsPorts | null;
  database: Database;
  operatorToken: string;
  /** Hears of the engine's processes, where they are several. */
  fleet: Fleet;
}

async function startAll(
  options: StackOptions,
  made: Made,
  onStarted: (child: RunningChild) => void,
): Promise<RunningChild[]> {
  const { config, dataDir, root, echo } = options;
  const { ports, metricsPorts, database, operatorToken } = made;
  const children: RunningChild[] = [];
  // The first failure ends the waiting for all others: they wait for each other, and would for a minute.
  const halt = new AbortController();
  const { signal } = halt;
  void options.stopAsked?.then((reason) => halt.abort(new Error(reason)));
  const add = async (starting: Promise<RunningChild>) => {
    try {
      const child = await starting;
      onStarted(child);
      children.push(child);
      void child.ended.then((how) => halt.abort(new Error(`${how}.\n${child.lastWords()}`)));
    } catch (error) {
      halt.abort(error);
      throw error;
    }
  };
  const egressAllow = [...config.egressAllow];
  if (options.demo) {
    await add(startUpstream({ root, port: ports.upstream, logs: dataDir.logs, echo, signal }));
    egressAllow.push(`http://127.0.0.1/32:${ports.upstream}`);
  }
  const keys = ensureKeys(dataDir.keys, database.uses);
  await refuseForeignKeys(database.adminUrl, keys);
  const checkpoints = checkpointFile(config.checkpointsPath, dataDir.path);
  const engineState = makeEngineState(dataDir.path);
  const { deployment } = config;
  const places = { checkpoints, publicKey: keys.auditPublicKey, engineState, deployment };
  await refuseOldCopy(database.adminUrl, places);
  const plans = planProcesses({
    root,
    host: config.host,
    ports,
    metricsPorts,
    keys,
    checkpoints,
    engineState,
    engineProcesses: config.engineProcesses,
    databaseUrls: database.roles,
    operatorToken,
    egressAllow,
    publicUrl: config.publicUrl ?? `http://localhost:${ports.web}`,
    operator: options.env ?? processEnvironment(),
  });
  const specOf = (plan: ProcessPlan) => ({
    ...plan,
    readyUrl: readyUrl(plan.name, ports),
    onMessage: plan.name === 'engine' ? made.fleet.hear : undefined,
    logs: dataDir.logs,
    echo,
    signal,
  });
  const results = await Promise.allSettled(plans.map((plan) => add(startChild(specOf(plan)))));
  const failures = new Set<unknown>(signal.aborted ? [signal.reason] : []);
  for (const result of results) if (result.status === 'rejected') failures.add(result.reason);
  throwAll([...failures]);
  return children;
}

/** Two that failed by themselves are told in one go. */
function throwAll(failures: unknown[]): void {
  const [first, ...others] = failures;
  if (first === undefined) return;
  if (others.length === 0) throw first;
  throw new Error(
    failures.map((error) => (error instanceof Error ? error.message : String(error))).join('\n'),
  );
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
