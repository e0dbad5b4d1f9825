import cluster from 'node:cluster';
import { join } from 'node:path';
import { loadEngineConfig, processEnvironment } from '#lib/config';
import { egressAllowFaults } from '#lib/egress';
import { boot, listening } from '#lib/http';
import { createLogger, MetricsServer } from '#lib/telemetry';
import { childOf } from './processes/child.js';
import { FleetMetrics } from './processes/fleet-metrics.js';
import { Supervisor } from './processes/supervisor.js';

/**
 * Begins the engine as CLAVIGER_ENGINE_PROCESSES processes behind one port, and keeps them. This process opens no key, speaks to no database
 * and reads no request: it hands connections on. Its own arguments are the flags of node for the others. SIGHUP replaces them without losing
 * a call, SIGTERM and SIGINT end them.
 */
await boot('engine', async () => {
  const config = loadEngineConfig(processEnvironment(), [egressAllowFaults]);
  const log = createLogger({ process: 'engine', level: config.logLevel });
  for (const warning of config.warnings) log.warn({}, warning);
  const flags = process.argv.slice(2);
  const supervisor = new Supervisor({
    count: config.processes,
    patience: { stops: config.shutdownGraceSeconds * 1_000 },
    log,
    fork: (takesCalls) => {
      const exec = join(import.meta.dirname, 'main.js');
      cluster.setupPrimary({ exec, execArgv: flags, args: [takesCalls] });
      return childOf(cluster.fork());
    },
    changed: () => tellPids(supervisor),
  });
  const metrics = new MetricsServer(new FleetMetrics(supervisor));
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await supervisor.stop();
    await metrics.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
  process.on('SIGHUP', () => void supervisor.restart());
  try {
    await supervisor.start();
    const { host, metricsPort: port } = config;
    if (port !== null) {
      const place = { host, port, setting: 'CLAVIGER_METRICS_PORT' };
      const served = await listening('engine', place, () => metrics.listen(port, host));
      log.info({ host, port: served }, 'metrics are served');
    }
  } catch (error) {
    if (stopping) return;
    await supervisor.stop();
    throw error;
  }
});

/** Whoever began this process, over a channel, learns which processes belong to it. */
function tellPids(supervisor: Supervisor): void {
  const of = (those: Supervisor['serving']) => those.map(({ child }) => child.pid);
  process.send?.({ claviger: 'processes', serving: of(supervisor.serving), leaving: of(supervisor.leaving) });
}
