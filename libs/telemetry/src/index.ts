export { Logger as NestLogger } from 'nestjs-pino';
export { LOG_FIELD_NAMES, safeText, type LogFieldName, type LogFields, type LogValue } from './log-fields.js';
export { logRequests } from './log-requests.js';
export { LOGGER, loggerModule } from './logger.module.js';
export { createLogger, type Logger, type LoggerOptions } from './logger.js';
export { countRequests } from './metrics/count-requests.js';
export { MetricsServer } from './metrics/metrics-server.js';
export { Metrics, type GaugeSample } from './metrics/metrics.js';
export { safeError, type SafeError } from './safe-error.js';
