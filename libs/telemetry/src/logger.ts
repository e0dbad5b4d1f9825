import {
  pino,
  type ChildLoggerOptions,
  type DestinationStream,
  type Logger as PinoLogger,
  type LoggerOptions as PinoOptions,
} from 'pino';
import { allowedFields, safeText, type LogFields } from './log-fields.js';
import { logOutput } from './log-output.js';
import { safeError } from './safe-error.js';

/** The log of a process: structured lines of allowed fields and a fixed sentence. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger whose every line also holds `fields`. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  /** Name of the process, in every line. */
  process: string;
  level?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Fields of the moment, e.g. the request's id; asked for at every line. */
  context?: () => LogFields;
  /** Where lines go; standard output when left out. */
  destination?: DestinationStream;
}

/** Makes the logger of a process. Fields that are not on the allow-list never reach the destination (LOG_FIELD_NAMES). */
export function createLogger(options: LoggerOptions): Logger {
  return createPino(options);
}

/** The pino instance behind `createLogger`: guarded on the way in, whoever calls it and however. */
export function createPino(options: LoggerOptions): PinoLogger {
  const settings: PinoOptions = {
    level: options.level ?? 'info',
    base: { process: options.process, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: () => ({ ...options.context?.() }),
    // `err` is reduced by `allowedFields`; pino's own serializer would add the message and every own property.
    serializers: { err: (error: unknown) => error },
    formatters: {
      level: (label) => ({ level: label }),
      bindings: (bindings) => allowedFields(bindings, safeError),
      log: (fields) => allowedFields(fields, safeError),
    },
    hooks: { logMethod: guardedCall },
  };
  return guardChildren(pino(settings, options.destination ?? logOutput()));
}

type Derive = (
  this: PinoLogger,
  bindings: Record<string, unknown>,
  options?: ChildLoggerOptions,
) => PinoLogger;

/** Pino does not run the bindings formatter for the loggers that are derived from this one: theirs are filtered here. */
function guardChildren(logger: PinoLogger): PinoLogger {
  const derive: Derive = logger.child;
  function child(
    this: PinoLogger,
    bindings: Record<string, unknown>,
    options?: ChildLoggerOptions,
  ): PinoLogger {
    return derive.call(this, allowedFields(bindings, safeError), options);
  }
  return Object.assign(logger, { child });
}

/**
 * Pino would take an error's message as the line's, and interpolate further arguments into it: here a line is one
 * object of fields and one sentence. Nest calls with a sentence alone, or with an error.
 */
function guardedCall(
  this: PinoLogger,
  args: unknown[],
  method: (fields: object, message: string) => void,
): void {
  const [first, second] = args;
  const message = [first, second].find((part) => typeof part === 'string') ?? 'error';
  const fields =
    first instanceof Error ? { err: first } : typeof first === 'object' && first !== null ? first : {};
  method.call(this, fields, safeText(message, 1000));
}
