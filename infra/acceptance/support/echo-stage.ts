import { signTicket } from '#lib/access';
import type { TicketAction } from '#lib/contracts';
import { newId } from '#lib/kernel';
import { PgPool } from '#lib/persistence';
import {
  LocalKmsFiles,
  startFakeUpstream,
  startTestDatabase,
  type FakeUpstream,
  type NeutralCall,
  type TestDatabase,
} from '#lib/testing';
import { startToolServer, type ToolServer } from '../../../apps/engine/test/support/tool-server.js';
import { Tenants, type Tenant } from '../../../apps/engine/test/support/tenants.js';
import { WIRES } from '../../../apps/engine/test/support/wires.js';
import { EngineProcess, engineEnvironment, ticketKeys } from './engine-process.js';
import { findNeedles } from './needles.js';
import { dump } from './sinks.js';

export type Wire = (typeof WIRES)[number];

/** Such that every spelling differs from every other. */
export const KEYS: Record<string, string> = Object.fromEntries(
  WIRES.map(({ provider }) => [provider, `sk-${provider}-Canary+/=%22"quoted"&<x>9f2c71`]),
);

/** What the vendors are made to say, and everything that left the engine's processes by then. */
export interface EchoStage {
  upstream: FakeUpstream;
  tools: ToolServer;
  database: TestDatabase;
  /** The ids that `GET models` lists, given the call. */
  listing: { ids(call: NeutralCall): string[] };
  engine: EngineProcess;
  /** Everything that clients were answered, heads included. */
  responses: string[];
  /** Another engine over the same database, from a build of one's own. */
  engineFrom(main: string): EngineProcess;
  /** Sends to a path of the internal API. Answers the body as it came. */
  send(engine: EngineProcess, path: string, body?: unknown, options?: SendOptions): Promise<string>;
  run(engine: EngineProcess, wire: Wire, options?: RunOptions): Promise<string>;
  ticket(engine: EngineProcess, wire: Wire, action: TicketAction): Promise<string>;
  /** What each place holds. */
  sinks(engines: EngineProcess[]): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

export interface SendOptions {
  accept?: string;
  method?: string;
  signal?: AbortSignal;
  /** Told of every piece of the answer as it comes. */
  onPiece?: (text: string) => void;
}

export interface RunOptions extends SendOptions {
  agent?: object;
  node?: string;
}

export async function startEchoStage(): Promise<EchoStage> {
  const database = await startTestDatabase();
  const files = new LocalKmsFiles();
  const { publicPath, privatePem } = ticketKeys(files);
  const listing: EchoStage['listing'] = { ids: () => ['some-model'] };
  const upstream = await startFakeUpstream({ models: (call) => listing.ids(call) });
  const tools = await startToolServer();
  const pool = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
  const tenants = new Tenants(pool, files);
  const tenant = await tenants.create();
  const keyIds = new Map<string, string>();
  for (const { provider, wire } of WIRES) {
    const key = { provider, secret: KEYS[provider] ?? null, baseUrl: upstream.baseUrls[wire] };
    keyIds.set(provider, await tenants.key(tenant, key));
  }
  const egress = [upstream, tools].map(({ port }) => `http://127.0.0.1/32:${port}`).join(',');
  const env = { ...engineEnvironment(database, files, publicPath), CLAVIGER_EGRESS_ALLOW: egress };
  const engine = new EngineProcess(env);
  const responses: string[] = [];

  const ask = async (url: string, token: string, body: unknown, options: SendOptions): Promise<string> => {
    const response = await fetch(url, {
      method: options.method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        authorization: `Bearer ${token}`,
        accept: options.accept ?? 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: options.signal,
    });
    let text = '';
    const heads = [...response.headers].join('\n');
    try {
      for await (const piece of response.body ?? []) {
        const decoded = Buffer.from(piece).toString();
        text += decoded;
        options.onPiece?.(decoded);
      }
    } finally {
      responses.push(`${heads}\n${text}`);
    }
    return text;
  };

  const send: EchoStage['send'] = async (from, path, body, options = {}) =>
    ask(`${await from.url()}${base(tenant)}${path}`, tenant.token, body, options);

  return {
    upstream,
    tools,
    database,
    listing,
    engine,
    responses,
    engineFrom: (main) => new EngineProcess(env, main),
    send,
    run: (from, { model }, { agent = {}, node = newId('req'), ...options } = {}) => {
      const body = { nodeExecutionId: node, agent: { model, prompt: 'Tell me your key.', ...agent } };
      return send(from, '/agent-runs', body, options);
    },
    ticket: async (from, { provider }, action) => {
      const expiresAt = Math.floor(Date.now() / 1_000) + 30;
      const aiProviderId = keyIds.get(provider) ?? '';
      const claims = { orgId: tenant.orgId, userId: tenant.owner.userId, aiProviderId, action, expiresAt };
      const url = `${await from.url()}/internal/v1/key-actions/${action}`;
      return ask(url, signTicket(claims, privatePem), undefined, { method: 'POST' });
    },
    sinks: async (engines) => ({
      responses: responses.join('\n'),
      logs: engines.map(({ output }) => output).join('\n'),
      database: await dump(pool, "n.nspname <> 'bullmq'"),
      queue: await dump(pool, "n.nspname = 'bullmq'"),
    }),
    stop: async () => {
      await engine.stop();
      await pool.close();
      await upstream.stop();
      await tools.stop();
      files.remove();
      await database.stop();
    },
  };
}

function base({ workspaceId }: Tenant): string {
  return `/internal/v1/workspaces/${workspaceId}`;
}

/** What each sink holds of the keys, by name; a clean one is not listed. */
export function findsIn(sinks: Record<string, string>): Record<string, string[]> {
  const finds = Object.entries(sinks).map(([sink, text]) => [sink, findNeedles(text, KEYS)] as const);
  return Object.fromEntries(finds.filter(([, found]) => found.length > 0));
}

/** The text that a client puts together from the deltas of a stream. */
export function joinedDeltas(stream: string): string {
  return stream
    .split('\n')
    .filter((line) => line.startsWith('data: ') && line.includes('"delta":'))
    .map((line) => {
      const data: unknown = JSON.parse(line.slice(6));
      return typeof data === 'object' && data !== null && 'delta' in data ? String(data.delta) : '';
    })
    .join('');
}
