import { Global, Module, type DynamicModule } from '@nestjs/common';
import { LoggerModule as NestPinoModule } from 'nestjs-pino';
import { createPino, type LoggerOptions } from './logger.js';

/** Injection token of the process's `Logger`. */
export const LOGGER = Symbol('logger');

@Global()
@Module({})
class TelemetryModule {}

/**
 * The module that gives a process its logger: inject `LOGGER`, and hand Nest's own lines to it with
 * `app.useLogger(app.get(NestLogger))`. Requests are logged by `logRequests`, not by pino-http, which sees the raw URL.
 */
export function loggerModule(options: LoggerOptions): DynamicModule {
  const logger = createPino(options);
  return {
    module: TelemetryModule,
    imports: [NestPinoModule.forRoot({ pinoHttp: { logger, autoLogging: false, quietReqLogger: true } })],
    providers: [{ provide: LOGGER, useValue: logger }],
    exports: [LOGGER, NestPinoModule],
  };
}
