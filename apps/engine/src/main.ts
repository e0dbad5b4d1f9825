import cluster from 'node:cluster';
import { loadEngineConfig, processEnvironment } from '#lib/config';
import { egressAllowFaults } from '#lib/egress';
import { boot, listening } from '#lib/http';
import { createLogger } from '#lib/telemetry';
import { createApp } from './create-app.js';
import { TAKES_CALLS } from './processes/messages.js';
import { serveAsChild } from './processes/serve-as-child.js';

await boot('engine', async () => {
  const config = loadEngineConfig(processEnvironment(), [egressAllowFaults]);
  const { host, port } = config;
  const log = createLogger({ process: 'engine', level: config.logLevel });
  const isChild = cluster.isWorker;
  if (!isChild) for (const warning of config.warnings) log.warn({}, warning);
  if (!isChild && config.processes > 1)
    log.warn({}, 'CLAVIGER_ENGINE_PROCESSES is for processes-main.js beside this file: this is one process');
  // The figures of all processes are served in one place, by their primary.
  const app = await createApp(isChild ? { ...config, metricsPort: null } : config, { isChild });
  const listen = async (): Promise<void> => {
    const place = { host, port, setting: 'CLAVIGER_ENGINE_PORT' };
    await listening('engine', place, () => app.listen(port, host));
    const address = app.getHttpServer().address();
    log.info({ host, port: typeof address === 'object' && address ? address.port : port }, 'engine listens');
  };
  if (!isChild) return listen();
  const takesCalls = TAKES_CALLS.find((word) => process.argv.includes(word)) ?? 'at-once';
  await serveAsChild(app, takesCalls, listen);
});
