import { loadEngineConfig, processEnvironment } from '#lib/config';
import { egressAllowFaults } from '#lib/egress';
import { boot, listening } from '#lib/http';
import { createLogger } from '#lib/telemetry';
import { createApp } from './create-app.js';

await boot('engine', async () => {
  const config = loadEngineConfig(processEnvironment(), [egressAllowFaults]);
  const { host, port } = config;
  const log = createLogger({ process: 'engine', level: config.logLevel });
  for (const warning of config.warnings) log.warn({}, warning);
  const app = await createApp(config);
  const place = { host, port, setting: 'CLAVIGER_ENGINE_PORT' };
  await listening('engine', place, () => app.listen(port, host));
  const address = app.getHttpServer().address();
  log.info({ host, port: typeof address === 'object' && address ? address.port : port }, 'engine listens');
});
