import { loadWorkerConfig } from '#lib/config';
import { createHttpApp } from '#lib/http';
import { createLogger } from '#lib/telemetry';
import { AppModule } from './app.module.js';

const config = loadWorkerConfig();
const log = createLogger({ process: 'worker', level: config.logLevel });
const app = await createHttpApp(AppModule.register(config), { log, trustProxy: config.trustedProxies });
app.enableShutdownHooks();
await app.listen(config.port, config.host);
log.info({ host: config.host, port: config.port }, 'worker listens');
