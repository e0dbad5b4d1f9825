import { loadWorkerConfig, processEnvironment } from '#lib/config';
import { egressAllowFaults } from '#lib/egress';
import { boot, listening } from '#lib/http';
import { createLogger } from '#lib/telemetry';
import { createApp } from './create-app.js';

await boot('worker', async () => {
  const config = loadWorkerConfig(processEnvironment(), [egressAllowFaults]);
  const { host, port } = config;
  const log = createLogger({ process: 'worker', level: config.logLevel });
  for (const warning of config.warnings) log.warn({}, warning);
  if (!config.webhooks && !config.rewrap)
    log.warn({}, 'webhooks wait: this worker has no CLAVIGER_KMS_PRIVATE_KEYSET that opens what signs them');
  const app = await createApp(config);
  await listening('worker', { host, port, setting: 'CLAVIGER_WORKER_PORT' }, () => app.listen(port, host));
  log.info({ host, port }, 'worker listens');
});
