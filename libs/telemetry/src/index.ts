export { Logger as NestLogger } from 'nestjs-pino';
export { LOG_FIELD_NAMES, safeText, type LogFieldName, type LogFields, type LogValue } from './log-fields.js';
export { logRequests } from './log-requests.js';
export { LOGGER, loggerModule } from './logger.module.js';
export { createLogger, type Logger, type LoggerOptions } from './logger.js';
export { countRequests } from './metrics/count-requests.js';
export { MetricsServer } from './metrics/metrics-server.js';
export { gatherMetrics } from './metrics/gather-metrics.js';
export { Metrics, type GaugeSample } from './metrics/metrics.js';
export { safeError, type SafeError } from './safe-error.js';
export {
  agentSpan,
  answerAttributes,
  modelCallSpan,
  toolSpan,
  usageAttributes,
  type ModelOperation,
  type SpanUsage,
} from './tracing/gen-ai.js';
export { type ExportObserver, type OtlpPost } from './tracing/otlp-exporter.js';
export { type SamplerSettings } from './tracing/sampler.js';
export { Tracing, type OpenSpan, type TraceParent, type TracingOptions } from './tracing/tracing.js';
