import { loadApiConfig } from '#lib/config';
import { createLogger } from '#lib/telemetry';
import { createApp } from './create-app.js';

const config = loadApiConfig();
const log = createLogger({ process: 'api', level: config.logLevel });
for (const warning of config.warnings) log.warn({}, warning);
const app = await createApp(config);
await app.listen(config.port, config.host);
const address = app.getHttpServer().address();
log.info(
  { host: config.host, port: typeof address === 'object' && address ? address.port : config.port },
  'api listens',
);
