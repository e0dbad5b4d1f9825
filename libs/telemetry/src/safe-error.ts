import { AppError } from '#lib/kernel';
import { safeText } from './log-fields.js';

/** What a log line holds of an error. */
export interface SafeError {
  type: string;
  code?: string;
  message?: string;
  syscall?: string;
  address?: string;
  port?: number;
  table?: string;
  constraint?: string;
  stack?: string[];
  cause?: SafeError;
}

/** The engine's own messages about slips of ours: templates that quote names from the source, never data. */
const SOURCE_MESSAGES = [
  /^Cannot (?:read|set) properties of (?:undefined|null) \((?:reading|setting) '[\w$]{1,60}'\)$/,
  /^[\w$.]{1,80} is not (?:a function|defined|a constructor|iterable)$/,
  /^connect E[A-Z]+ [\d.:a-f]+$/,
  /^getaddrinfo E[A-Z_]+ [\w.-]+$/,
];
const PLAIN = /^[A-Za-z0-9_.$-]{1,80}$/;
const DEEPEST = 3;

/**
 * Reduces anything thrown to what is safe to keep: its type, code, place in the source and, from Node and Postgres, the
 * fields that quote no data. The message is kept only when we wrote it (AppError) or it follows a template that quotes
 * nothing but source names: a parser's, a driver's or a vendor's message repeats what it was given, keys included.
 */
export function safeError(thrown: unknown, depth = 0): SafeError {
  if (!(thrown instanceof Error)) return { type: typeof thrown };
  const fields: Record<string, unknown> = { ...thrown };
  const plain = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === 'string' && PLAIN.test(value) ? safeText(value) : undefined;
  };
  return {
    type: PLAIN.test(thrown.name) ? thrown.name : 'Error',
    code: plain('code'),
    message: safeMessage(thrown),
    syscall: plain('syscall'),
    address: plain('address'),
    port: typeof fields.port === 'number' ? fields.port : undefined,
    table: plain('table'),
    constraint: plain('constraint'),
    stack: frames(thrown),
    cause: thrown.cause === undefined || depth >= DEEPEST ? undefined : safeError(thrown.cause, depth + 1),
  };
}

function safeMessage(error: Error): string | undefined {
  if (error instanceof AppError) return safeText(error.message, 500);
  return SOURCE_MESSAGES.some((template) => template.test(error.message)) ? error.message : undefined;
}

/** Lines of the stack that name a place; its head repeats the message and is left out. */
function frames(error: Error): string[] {
  const place = /^\s*at (?:async )?(?:[\w$.<>[\] ]{1,120} \()?(?:file:\/\/|node:|\/)[^\s()]{1,300}\)?$/;
  const head = error.message.split('\n').length;
  return (error.stack ?? '')
    .split('\n')
    .slice(head)
    .filter((line) => place.test(line))
    .slice(0, 12)
    .map((line) => line.trim());
}
