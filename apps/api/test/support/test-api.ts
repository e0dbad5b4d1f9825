import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadApiConfig, type ApiConfig } from '#lib/config';
import type { Resolver } from '#lib/egress';
import type { Clock } from '#lib/kernel';
import { startTestDatabase, type TestDatabase } from '#lib/testing';
import { createApp } from '../../src/create-app.js';
import { makeKeyFiles, type KeyFiles } from './key-files.js';
import { Person } from './person.js';

/** The control plane over a fresh database, listening on a free port. */
export interface TestApi {
  app: NestFastifyApplication;
  config: ApiConfig;
  database: TestDatabase;
  keyFiles: KeyFiles;
  url: string;
  /** Somebody without cookie or token. */
  stranger(): Person;
  /** Signs up a new owner with an organization of their own. */
  owner(name?: string): Promise<Person>;
  stop(): Promise<void>;
}

export interface TestApiOptions {
  env?: Record<string, string>;
  clock?: Clock;
  database?: TestDatabase;
  keyFiles?: KeyFiles;
  resolver?: Resolver;
}

let people = 0;

export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const database = options.database ?? (await startTestDatabase());
  const keyFiles = options.keyFiles ?? makeKeyFiles();
  const config = loadApiConfig({ ...environment(database.apiUrl), ...keyFiles.env, ...options.env });
  const app = await createApp(config, { clock: options.clock, resolver: options.resolver });
  await app.listen(0, '127.0.0.1');
  const address = app.getHttpServer().address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return {
    app,
    config,
    database,
    keyFiles,
    url,
    stranger: () => new Person(url),
    owner: (name = 'owner') => new Person(url).signUp(`${name}-${(people += 1)}@example.test`),
    stop: async () => {
      await app.close();
      if (!options.database) await database.stop();
      if (!options.keyFiles) keyFiles.remove();
    },
  };
}

function environment(databaseUrl: string): Record<string, string> {
  return {
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    CLAVIGER_LOG_LEVEL: 'silent',
    CLAVIGER_AUTH_THROTTLE: 'off',
  };
}
