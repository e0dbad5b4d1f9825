import { z } from 'zod';
import {
  choice,
  databaseUrlExample,
  databaseUrlOf,
  list,
  portField,
  redisUrlField,
  required,
  slug,
} from './fields.js';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export const RUNTIME_ENVIRONMENTS = ['development', 'production', 'test'] as const;

/** What every long-running process is given. */
export interface CommonConfig {
  env: (typeof RUNTIME_ENVIRONMENTS)[number];
  logLevel: LogLevel;
  /** Address to listen on. */
  host: string;
  /** Port to listen on; 0 = any free one. */
  port: number;
  metricsPort: number | null;
  /** The login of this process's own role, never the owner's. */
  databaseUrl: string;
  /** Set: queue and rate store on Redis. Null: on Postgres. */
  redisUrl: string | null;
  /** Name of this installation; part of what every sealed secret is bound to. */
  deployment: string;
  /** Addresses (CIDR) of reverse proxies whose X-Forwarded-For is believed. */
  trustedProxies: string[];
  /** What to tell the operator in the first log lines. */
  warnings: string[];
}

/** A database URL that must be there, of this login; `whose` says so in words. */
export const requiredDatabaseUrl = (login: string, whose = 'of this process') =>
  required(databaseUrlOf(login), `Give the Postgres login ${whose}, e.g. ${databaseUrlExample(login)}.`);

/** The fields of every long-running process; `login` is the database role of this one. */
export const commonFields = (login: 'claviger_api' | 'claviger_engine' | 'claviger_worker') => ({
  NODE_ENV: choice(RUNTIME_ENVIRONMENTS, 'development'),
  CLAVIGER_LOG_LEVEL: choice(LOG_LEVELS, 'info'),
  CLAVIGER_HOST: z.string().default('127.0.0.1'),
  CLAVIGER_METRICS_PORT: portField.optional(),
  DATABASE_URL: requiredDatabaseUrl(login),
  REDIS_URL: redisUrlField.optional(),
  CLAVIGER_DEPLOYMENT: slug('default'),
  CLAVIGER_TRUSTED_PROXIES: list(),
});

type CommonValues = z.output<z.ZodObject<ReturnType<typeof commonFields>>>;

/** The common settings from validated values. `port` is the process's own. */
export function commonConfig(values: CommonValues, port: number, warnings: string[]): CommonConfig {
  return {
    env: values.NODE_ENV,
    logLevel: values.CLAVIGER_LOG_LEVEL,
    host: values.CLAVIGER_HOST,
    port,
    metricsPort: values.CLAVIGER_METRICS_PORT ?? null,
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL ?? null,
    deployment: values.CLAVIGER_DEPLOYMENT,
    trustedProxies: values.CLAVIGER_TRUSTED_PROXIES,
    warnings,
  };
}
