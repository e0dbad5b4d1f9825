import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  FakeKms,
  makeKeyFiles,
  startTestDatabase,
  type KeyFiles,
  type TestDatabase,
} from '../../../libs/testing/src/index.js';
import { awsSettings } from '../../prove/series/aws-kms.js';
import { PostgresProxy } from '../../prove/series/postgres-proxy.js';
import { startProcess } from '../../prove/series/processes.js';
import type { Target } from '../load/connection.js';
import { VENDOR_KEY } from '../load/shapes.js';
import { Contender, ROOT, type Start } from './contender.js';
import type { Cores } from './cores.js';
import { QueryCounter } from './query-counter.js';
import { tryCall, Tenancy } from './tenancy.js';

const UPSTREAM = join(ROOT, 'dist/infra/bench/load/upstream.js');
const PORTKEY = 'infra/bench/node_modules/@portkey-ai/gateway/build/start-server.js';
const REFERENCES = join(ROOT, 'infra/bench/references');

export type Name = 'direct' | 'bare' | 'naive' | 'portkey' | 'engine';

/** Something that can be asked; `direct` is the upstream itself, which has no process of a gateway's. */
export interface Asked {
  name: Name;
  target: Target;
  process: Contender;
}

/** Everything that is measured, running, and what it stands on. */
export class Stage {
  readonly queries = new QueryCounter();
  readonly asked = new Map<Name, Asked>();
  /** Why a contender is not there. */
  readonly missing = new Map<Name, string>();
  /** Measurements that broke and were made again, in words. */
  readonly repeated: string[] = [];
  readonly #ends: (() => Promise<unknown> | void)[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'claviger-bench-'));
  #tokens: string[] = [];
  #engineEnv: Record<string, string> = {};
  kms!: FakeKms;
  proxy!: PostgresProxy;

  private constructor(readonly cores: Cores) {}

  /** @param applications how many tokens and keys there are that nobody has called with yet */
  static async start(cores: Cores, applications: number, tell: (line: string) => void): Promise<Stage> {
    const stage = new Stage(cores);
    try {
      await stage.#boot(applications, tell);
      return stage;
    } catch (error) {
      await stage.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  of(name: Name): Asked {
    const found = this.asked.get(name);
    if (!found) throw new Error(`${name} is not there: ${this.missing.get(name) ?? 'it was not started'}`);
    return found;
  }

  /** A token, with a key, that no engine has seen. */
  unseen(): Target {
    const token = this.#tokens.pop();
    if (token === undefined) throw new Error('too few applications were made');
    return { ...this.of('engine').target, headers: { authorization: `Bearer ${token}` } };
  }

  /** An engine more, over the same database. */
  async secondEngine(): Promise<Contender> {
    return this.#contender({ ...this.#engine(), name: 'engine-2', on: this.cores.second });
  }

  async #boot(applications: number, tell: (line: string) => void): Promise<void> {
    const database = await startTestDatabase();
    this.#ends.push(() => database.stop());
    const files = makeKeyFiles();
    this.#ends.push(() => files.remove());
    this.kms = await FakeKms.start();
    this.#ends.push(() => this.kms.stop());
    const port = Number(new URL(database.engineUrl).port);
    this.proxy = await PostgresProxy.start(port, () => this.queries.listener());
    this.#ends.push(() => this.proxy.stop());
    const upstream = await this.#contender({ name: 'upstream', args: [UPSTREAM], on: this.cores.load });
    const base = `http://127.0.0.1:${upstream.port}/v1`;
    tell('making the tenant …');
    const settings = this.#settings(database, files, upstream.port);
    this.#engineEnv = settings.engine;
    await this.#engineAndTokens(settings.api, base, applications);
    const key = { authorization: `Bearer ${VENDOR_KEY}` };
    this.#ask('direct', upstream, key);
    const on = this.cores.gateway;
    const bare = [join(REFERENCES, 'bare.mjs'), `http://127.0.0.1:${upstream.port}`];
    this.#ask('bare', await this.#contender({ name: 'bare', args: bare, on }), key);
    const naive = [join(REFERENCES, 'naive.mjs'), database.superuserUrl, base, VENDOR_KEY];
    const token = { ...this.of('engine').target.headers };
    this.#ask('naive', await this.#contender({ name: 'naive', args: naive, on }), token);
    await this.#portkey(base, key);
  }

  #settings(database: TestDatabase, files: KeyFiles, upstreamPort: number) {
    const aws = awsSettings(this.kms, this.kms.keyArn);
    const common = { CLAVIGER_EGRESS_ALLOW: `http://127.0.0.1/32:${upstreamPort}` };
    return {
      api: {
        ...{ ...common, ...files.env, ...aws.api, DATABASE_URL: database.apiUrl },
        ...{ CLAVIGER_ENGINE_INTERNAL_URL: 'http://127.0.0.1:1', CLAVIGER_AUTH_THROTTLE: 'off' },
      },
      engine: {
        ...{ ...common, ...files.engineEnv, ...aws.engine, NODE_ENV: 'test' },
        ...{ CLAVIGER_ENGINE_PORT: '0', DATABASE_URL: this.proxy.through(database.engineUrl) },
      },
    };
  }

  async #engineAndTokens(apiEnv: Record<string, string>, base: string, applications: number): Promise<void> {
    const engine = await this.#contender(this.#engine());
    const api = await startProcess('api', apiEnv);
    this.#ends.push(() => api.stop());
    const tenancy = await Tenancy.make(api.url, base);
    const token = await tenancy.application();
    for (let made = 0; made < applications; made += 1) this.#tokens.push(await tenancy.application());
    // Nothing of it is needed while anything is measured.
    await api.stop();
    this.#ask('engine', engine, { authorization: `Bearer ${token}` });
    await tryCall(`http://127.0.0.1:${engine.port}`, token);
  }

  #engine(): Start {
    const args = [join(ROOT, 'dist/apps/engine/src/main.js')];
    return { name: 'engine', args, env: this.#engineEnv, on: this.cores.gateway };
  }

  async #portkey(base: string, key: Record<string, string>): Promise<void> {
    if (!existsSync(join(ROOT, PORTKEY))) {
      this.missing.set('portkey', 'its package is not installed (is the registry reachable?)');
      return;
    }
    const headers = { ...key, 'x-portkey-provider': 'openai', 'x-portkey-custom-host': base };
    const port = await freePort();
    const shim = join(REFERENCES, 'portkey-sse.mjs');
    const args = ['--import', shim, join(ROOT, PORTKEY), '--headless', `--port=${port}`];
    const env = { TRUSTED_CUSTOM_HOSTS: '127.0.0.1,localhost' };
    try {
      const on = this.cores.gateway;
      this.#ask('portkey', await this.#contender({ name: 'portkey', args, env, port, on }), headers);
    } catch (error) {
      this.missing.set('portkey', String(error).split('\n', 1)[0] ?? '');
    }
  }

  #ask(name: Name, process: Contender, headers: Record<string, string>): void {
    const target = { port: process.port, path: '/v1/chat/completions', headers };
    this.asked.set(name, { name, target, process });
  }

  async #contender(start: Start): Promise<Contender> {
    mkdirSync(this.#folder, { recursive: true });
    const started = await Contender.start(this.cores, this.#folder, start);
    this.#ends.push(() => started.stop());
    return started;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
