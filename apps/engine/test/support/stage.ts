import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { EngineConfig } from '#lib/config';
import type { AgentRunAnswer, DomainEvent } from '#lib/contracts';
import type { Resolver } from '#lib/egress';
import { newId, systemClock } from '#lib/kernel';
import { OwnKmsStore, PgPool } from '#lib/persistence';
import {
  LocalKmsFiles,
  startFakeUpstream,
  startTestDatabase,
  type FakeUpstream,
  type TestDatabase,
} from '#lib/testing';
import { createApp } from '../../src/create-app.js';
import { DEPLOYMENT, Tenants, type Tenant } from './tenants.js';
import { startToolServer, type ToolServer } from './tool-server.js';

/** A real engine over a real database, real key files and the recording upstream. */
export interface Stage {
  url: string;
  app: NestFastifyApplication;
  db: PgPool;
  database: TestDatabase;
  upstream: FakeUpstream;
  tools: ToolServer;
  tenants: Tenants;
  config: EngineConfig;
  ticketPrivateKeyPem: string;
  /** Another engine process's worth of engine over the same database. */
  second(change?: Partial<EngineConfig>): Promise<{ url: string; app: NestFastifyApplication }>;
  /** Tells the listeners of a change, as the control plane's transactions do. */
  notify(event: DomainEvent): Promise<void>;
  stop(): Promise<void>;
}

export interface StageOptions extends Partial<
  Pick<
    EngineConfig,
    | 'checkpoints'
    | 'stateDir'
    | 'egressProxy'
    | 'egressCa'
    | 'orgKms'
    | 'metricsPort'
    | 'redisUrl'
    | 'runPlaces'
    | 'runSlots'
    | 'runSlotsPerWorkspace'
    | 'tracing'
    | 'shutdownGraceSeconds'
  >
> {
  /** Entries of the allow-list besides the upstream's and the tools'. */
  alsoAllow?: string[];
  resolver?: Resolver;
  /** In place of one on the server that all specs share; the stage stops it. */
  database?: TestDatabase;
}

export async function startStage({
  alsoAllow = [],
  resolver,
  database: given,
  ...options
}: StageOptions = {}): Promise<Stage> {
  const database = given ?? (await startTestDatabase());
  const upstream = await startFakeUpstream();
  const tools = await startToolServer();
  const files = new LocalKmsFiles();
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const ticketPublicKeyPath = join(files.dir, 'ticket.pem');
  writeFileSync(ticketPublicKeyPath, publicKey);
  const ports = [upstream.port, tools.port];
  const made = configFor(database, files, ports, ticketPublicKeyPath);
  const config = { ...made, ...options, egressAllow: [...made.egressAllow, ...alsoAllow] };
  const db = new PgPool({ databaseUrl: database.superuserUrl, max: 4 });
  const apps: NestFastifyApplication[] = [];
  const start = async (change: Partial<EngineConfig> = {}) => {
    const app = await createApp({ ...config, ...change }, { resolver });
    apps.push(app);
    await app.listen(0, '127.0.0.1');
    return { app, url: await app.getUrl() };
  };
  const { app, url } = await start();
  return {
    url,
    app,
    db,
    database,
    upstream,
    tools,
    config,
    ticketPrivateKeyPem: privateKey,
    tenants: new Tenants(db, files, {
      keys: new OwnKmsStore(db),
      aws: config.orgKms,
      clock: systemClock,
    }),
    second: start,
    notify: async (event) => {
      await db.query(`SELECT pg_notify('claviger_events', $1)`, [JSON.stringify(event)]);
    },
    stop: async () => {
      for (const running of apps) await running.close();
      await db.close();
      await upstream.stop();
      await tools.stop();
      files.remove();
      await database.stop();
    },
  };
}

function configFor(
  database: TestDatabase,
  files: LocalKmsFiles,
  ports: number[],
  ticketPublicKeyPath: string,
): EngineConfig {
  return {
    env: 'test',
    logLevel: 'silent',
    host: '127.0.0.1',
    port: 0,
    metricsPort: null,
    databaseUrl: database.engineUrl,
    redisUrl: null,
    deployment: DEPLOYMENT,
    trustedProxies: [],
    warnings: [],
    kms: files.config('call'),
    orgKms: null,
    egressAllow: ports.map((port) => `http://127.0.0.1/32:${port}`),
    publicUrl: 'http://localhost:3000',
    engineUrl: 'http://localhost:3002',
    egressProxy: null,
    egressCa: [],
    checkpoints: null,
    stateDir: null,
    runPlaces: 2_000,
    runSlots: 100,
    runSlotsPerWorkspace: 50,
    pauseMinutes: 60,
    shutdownGraceSeconds: 10,
    tracing: null,
    processes: 1,
    ticketPublicKeyPath,
  };
}

/** An answer or a problem, whichever came. */
export interface RunBody extends Omit<AgentRunAnswer, 'status' | 'error'> {
  status: string | number;
  error?: { code: string; detail: string; runId: string; status: number };
  code?: string;
  detail?: string;
  runId?: string;
  requestId?: string;
  errors?: { pointer: string; detail: string }[];
  max?: number;
}

export interface Answer<T = RunBody> {
  status: number;
  headers: Headers;
  body: T;
}

export interface CallOptions {
  token?: string;
  headers?: Record<string, string>;
  workspaceId?: string;
  body?: unknown;
  url?: string;
  signal?: AbortSignal;
}

/** Sends a request to a path below the tenant's workspace. */
export async function call<T = RunBody>(
  stage: Stage,
  tenant: Tenant,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer<T>> {
  const response = await send(stage, tenant, method, path, options);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : null) as T };
}

/** Posts an agent; a fresh node execution unless told otherwise. */
export function run(
  stage: Stage,
  tenant: Tenant,
  agent: object,
  options: CallOptions & { node?: string } = {},
): Promise<Answer> {
  const body = { nodeExecutionId: options.node ?? newId('req'), agent };
  return call(stage, tenant, 'POST', '/agent-runs', { body, ...options });
}

export function send(
  stage: Stage,
  tenant: Tenant,
  method: string,
  path: string,
  options: CallOptions,
): Promise<Response> {
  const {
    token = tenant.token,
    headers = {},
    workspaceId = tenant.workspaceId,
    body,
    url = stage.url,
    signal,
  } = options;
  return fetch(`${url}/internal/v1/workspaces/${workspaceId}${path}`, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body),
    signal,
  });
}
