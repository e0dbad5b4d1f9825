import { loadApiConfig, processEnvironment } from '#lib/config';
import { egressAllowFaults } from '#lib/egress';
import { boot, listening } from '#lib/http';
import { createLogger } from '#lib/telemetry';
import { createApp } from './create-app.js';

await boot('api', async () => {
  const config = loadApiConfig(processEnvironment(), [egressAllowFaults]);
  const { host, port } = config;
  const log = createLogger({ process: 'api', level: config.logLevel });
  for (const warning of config.warnings) log.warn({}, warning);
  const app = await createApp(config);
  const place = { host, port, setting: 'CLAVIGER_API_PORT' };
  await listening('api', place, () => app.listen(port, host));
  const address = app.getHttpServer().address();
  log.info({ host, port: typeof address === 'object' && address ? address.port : port }, 'api listens');
});
