import { loadEngineConfig } from '#lib/config';
import { createLogger } from '#lib/telemetry';
import { createApp } from './create-app.js';

const config = loadEngineConfig();
const log = createLogger({ process: 'engine', level: config.logLevel });
const app = await createApp(config);
await app.listen(config.port, config.host);
const address = app.getHttpServer().address();
log.info(
  { host: config.host, port: typeof address === 'object' && address ? address.port : config.port },
  'engine listens',
);
