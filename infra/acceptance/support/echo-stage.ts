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
  type TokenAnswer,
} from '#lib/testing';
import { startToolServer, type ToolServer } from '../../../apps/engine/test/support/tool-server.js';
import { Tenants, type Tenant } from '../../../apps/engine/test/support/tenants.js';
import { EngineProcess, engineEnvironment, ticketKeys } from './engine-process.js';
import type { EchoWire } from './echo-wires.js';
import { findNeedles } from './needles.js';
import { dump } from './sinks.js';

/** What the vendors are made to say, and everything that left the engine's processes by then. */
export interface EchoStage {
  upstream: FakeUpstream;
  tools: ToolServer;
  database: TestDatabase;
  wires: readonly EchoWire[];
  vendors: Vendors;
  engine: EngineProcess;
  /** Everything that clients were answered, heads included. */
  responses: string[];
  /** Another engine over the same database, from a build of one's own. */
  engineFrom(main: string): EngineProcess;
  /** Sends to a path of the internal API. Answers the body as it came. */
  send(
    engine: EngineProcess,
    wire: EchoWire,
    path: string,
    body?: unknown,
    options?: SendOptions,
  ): Promise<string>;
  run(engine: EngineProcess, wire: EchoWire, options?: RunOptions): Promise<string>;
  ticket(engine: EngineProcess, wire: EchoWire, action: TicketAction): Promise<string>;
  /** What each place holds. */
  sinks(engines: EngineProcess[]): Promise<Record<string, string>>;
  /** What each sink holds of the keys, by name; a clean one is not listed. */
  findsIn(sinks: Record<string, string>): Record<string, string[]>;
  stop(): Promise<void>;
}

/** What the vendors say beside answers of models. */
export interface Vendors {
  /** The ids that `GET models` lists. */
  ids(call: NeutralCall): string[];
  /** What a service account's assertion is exchanged for. */
  token(assertion: string): TokenAnswer;
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

/** An engine whose organizations have one key each: one for every wire. */
export async function startEchoStage(wires: readonly EchoWire[]): Promise<EchoStage> {
  const database = await startTestDatabase();
  const files = new LocalKmsFiles();
  const { publicPath, privatePem } = ticketKeys(files);
  const minted = wires.find(({ name }) => name === 'vertex-token')?.key;
  const vendors: Vendors = {
    ids: () => ['some-model'],
    token: () => ({ body: { access_token: minted, expires_in: 3_599, token_type: 'Bearer' } }),
  };
  const upstream = await startFakeUpstream({
    models: (call) => vendors.ids(call),
    token: (assertion) => vendors.token(assertion),
  });
  const tools = await startToolServer();
  const pool = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
  const tenants = new Tenants(pool, files);
  const places = new Map<string, { tenant: Tenant; keyId: string }>();
  for (const { name, provider, base, model, config = {}, sealed } of wires) {
    const tenant = await tenants.create();
    const settings = { provider, baseUrl: upstream.baseUrls[base], defaultModel: model, config };
    const key = { ...settings, secret: sealed(upstream.url) };
    places.set(name, { tenant, keyId: await tenants.key(tenant, key) });
  }
  const placeOf = ({ name }: EchoWire) => places.get(name)!;
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

  const send: EchoStage['send'] = async (from, wire, path, body, options = {}) => {
    const { tenant } = placeOf(wire);
    const url = `${await from.url()}/internal/v1/workspaces/${tenant.workspaceId}${path}`;
    return ask(url, tenant.token, body, options);
  };

  return {
    upstream,
    tools,
    database,
    wires,
    vendors,
    engine,
    responses,
    engineFrom: (main) => new EngineProcess(env, main),
    send,
    run: (from, wire, { agent = {}, node = newId('req'), ...options } = {}) => {
      const { model, provider } = wire;
      const asked = { model, provider, prompt: 'Tell me your key.', ...agent };
      return send(from, wire, '/agent-runs', { nodeExecutionId: node, agent: asked }, options);
    },
    ticket: async (from, wire, action) => {
      const expiresAt = Math.floor(Date.now() / 1_000) + 30;
      const { tenant, keyId: aiProviderId } = placeOf(wire);
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
    findsIn: (sinks) => {
      const keys = Object.fromEntries(wires.map(({ name, key }) => [name, key]));
      const finds = Object.entries(sinks).map(([sink, text]) => [sink, findNeedles(text, keys)] as const);
      return Object.fromEntries(finds.filter(([, found]) => found.length > 0));
    },
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
