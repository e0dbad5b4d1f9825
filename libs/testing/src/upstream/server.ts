import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { anthropicWire } from './anthropic-wire.js';
import { bedrockWire } from './bedrock-wire.js';
import { unscripted } from './brain.js';
import { geminiWire } from './gemini-wire.js';
import { journalEntry, type JournalEntry } from './journal.js';
import { objectOf } from './json.js';
import { openaiWire } from './openai-wire.js';
import { play, sendJson, sendRaw } from './respond.js';
import type { NeutralCall, RecordedRequest, ScriptedAnswer, TokenAnswer, VendorWire } from './types.js';

export interface FakeUpstreamOptions {
  /** 0 or left out: any free one. */
  port?: number;
  host?: string;
  /** When given, any other key is refused with 401. */
  expectKey?: string;
  /** Nothing in the clear: the journal shows auth values as SHA-256, and `requests` stays empty. */
  demo?: boolean;
  /** Called once per finished request; for a log. */
  onRequest?: (entry: JournalEntry) => void;
  /** Called as soon as a request's headers are here, before its body: for specs about when something was sent. */
  onArrival?: (headers: IncomingHttpHeaders) => void;
  /** Model ids that `GET models` lists, whatever the wire. */
  models?: string[] | ((call: NeutralCall) => string[]);
  /** What `POST /token` answers to this assertion; left out: a token that is always the same. */
  token?: (assertion: string) => TokenAnswer;
}

export interface FakeUpstream {
  url: string;
  port: number;
  /** Base URLs as a key would name them; `ollama` takes no key. */
  baseUrls: Record<'openai' | 'anthropic' | 'gemini' | 'ollama' | 'azure' | 'bedrock' | 'vertex', string>;
  /** Everything that arrived, in order, nothing redacted (empty in demo mode). */
  requests: RecordedRequest[];
  journal: JournalEntry[];
  /** Queues answers; each model call takes the next one. When none is left, the unscripted one is given. */
  script(...answers: ScriptedAnswer[]): void;
  /** Answers by looking at the call; undefined falls back to the queue. */
  respond(handler: (call: NeutralCall) => ScriptedAnswer | undefined): void;
  /** Answers whatever path by hand, before anything else looks at it; undefined leaves it to the wire. */
  raw(handler: (request: RecordedRequest) => RawAnswer | undefined): void;
  /** Forgets requests, journal and script. */
  reset(): void;
  /** Connections that are open now. */
  connections(): Promise<number>;
  stop(): Promise<void>;
}

/** An answer as it goes out: pieces are written one after the other. */
export interface RawAnswer {
  status?: number;
  headers?: Record<string, string>;
  pieces: (string | Buffer)[];
}

const MOST_REMEMBERED = 10_000;
/** The access token that `POST /token` gives to whoever asks. */
export const MINTED_TOKEN = 'ya29.minted-by-the-fake-0123456789';
const DEFAULT_MODELS = [
  'gpt-4.1-mini',
  'gpt-4.1',
  'claude-sonnet-4-6',
  'claude-haiku-4-5',
  'gemini-2.5-flash',
  'llama3.1:8b',
];

/**
 * A recording stand-in for the vendors, over plain HTTP on loopback: OpenAI chat completions, Anthropic messages and
 * Gemini generateContent, synchronous and streaming, with their model lists. A key that contains `bad` is refused with 401.
 */
export async function startFakeUpstream(options: FakeUpstreamOptions = {}): Promise<FakeUpstream> {
  const fake = new Fake(options);
  const server = createServer((request, response) => {
    fake.handle(request, response).catch(() => response.destroy());
  });
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  return fake.facade(server);
}

class Fake {
  readonly requests: RecordedRequest[] = [];
  readonly journal: JournalEntry[] = [];
  #queue: ScriptedAnswer[] = [];
  #handler: ((call: NeutralCall) => ScriptedAnswer | undefined) | undefined;
  #raw: ((request: RecordedRequest) => RawAnswer | undefined) | undefined;
  #count = 0;

  constructor(private readonly options: FakeUpstreamOptions) {}

  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    this.options.onArrival?.(incoming.headers);
    const body = await textOf(incoming);
    const request = recorded(incoming, body);
    const url = new URL(request.url, 'http://fake');
    if (url.pathname === '/__journal') return sendJson(response, 200, {}, { requests: this.journal });
    if (url.pathname === '/__health') return sendJson(response, 200, {}, { ok: true });
    if (!this.options.demo) remember(this.requests, request);
    const raw = this.#raw?.(request);
    if (raw) return sendRaw(response, raw);
    if (url.pathname === '/token') return this.#giveToken(body, response);
    const call = wireOf(url, request).parse(url, request.headers, parsed(body));
    const status = await this.#answer(url, request, call, response);
    const entry = journalEntry(request, status, call.model || null);
    remember(this.journal, entry);
    this.options.onRequest?.(entry);
  }

  #giveToken(body: string, response: ServerResponse): void {
    const assertion = new URLSearchParams(body).get('assertion') ?? '';
    const given: TokenAnswer = this.options.token?.(assertion) ?? { body: { access_token: MINTED_TOKEN } };
    const text = typeof given.body === 'string' ? given.body : JSON.stringify(given.body);
    response.writeHead(given.status ?? 200, { 'content-type': 'application/json', ...given.headers });
    response.end(text);
  }

  async #answer(
    url: URL,
    request: RecordedRequest,
    call: NeutralCall,
    response: ServerResponse,
  ): Promise<number> {
    const wire = wireOf(url, request);
    const requestId = `req_fake_${(this.#count += 1)}`;
    const refused = this.#refusal(url, call);
    if (refused) return play(wire, call, refused, response, requestId);
    if (request.method === 'GET' && url.pathname.endsWith('/models')) {
      const { models = DEFAULT_MODELS } = this.options;
      const ids = typeof models === 'function' ? models(call) : models;
      sendJson(response, 200, { [wire.requestIdHeader]: requestId }, wire.models(ids));
      return 200;
    }
    if (!isModelCall(request.method, url)) {
      sendJson(response, 404, {}, wire.error(404, `There is no ${request.method} ${url.pathname} here.`));
      return 404;
    }
    const scripted = this.#handler?.(call) ?? this.#queue.shift() ?? unscripted(call);
    return play(wire, call, scripted, response, requestId);
  }

  #refusal(url: URL, call: NeutralCall): ScriptedAnswer | undefined {
    const keyless = url.pathname.startsWith('/ollama/') && call.key === null;
    const { expectKey } = this.options;
    const accepted =
      expectKey === undefined ? !!call.key && !call.key.includes('bad') : call.key === expectKey;
    if (keyless || accepted) return undefined;
    return {
      status: call.vendor === 'gemini' ? 400 : 401,
      message: 'API key not valid. Please pass a valid API key.',
    };
  }

  facade(server: Server): FakeUpstream {
    const { port } = server.address() as AddressInfo;
    const url = `http://${this.options.host ?? '127.0.0.1'}:${port}`;
    return {
      url,
      port,
      baseUrls: {
        openai: `${url}/openai/v1`,
        anthropic: `${url}/anthropic/v1`,
        gemini: `${url}/gemini/v1beta`,
        ollama: `${url}/ollama`,
        azure: url,
        bedrock: url,
        vertex: `${url}/v1`,
      },
      requests: this.requests,
      journal: this.journal,
      script: (...answers) => void this.#queue.push(...answers),
      respond: (handler) => void (this.#handler = handler),
      raw: (handler) => void (this.#raw = handler),
      reset: () => this.#reset(),
      connections: () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
      stop: async () => {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      },
    };
  }

  #reset(): void {
    this.requests.length = 0;
    this.journal.length = 0;
    this.#queue = [];
    this.#handler = undefined;
    this.#raw = undefined;
  }
}

function wireOf(url: URL, request: RecordedRequest): VendorWire {
  if (/\/converse(-stream)?$/.test(url.pathname)) return bedrockWire;
  if (/:(stream)?generateContent$/i.test(url.pathname)) return geminiWire;
  if (/(\/messages|:(stream)?rawPredict)$/i.test(url.pathname) || request.headers['anthropic-version'])
    return anthropicWire;
  return request.headers['x-goog-api-key'] ? geminiWire : openaiWire;
}

function isModelCall(method: string, url: URL): boolean {
  return (
    method === 'POST' &&
    /(\/chat\/completions|\/messages|\/converse(-stream)?|:(stream)?(generateContent|rawPredict))$/i.test(
      url.pathname,
    )
  );
}

function recorded(request: IncomingMessage, body: string): RecordedRequest {
  const { method = '', url = '/', headers, socket } = request;
  return { at: new Date().toISOString(), method, url, headers, body, remotePort: socket.remotePort ?? 0 };
}

function remember<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > MOST_REMEMBERED) list.shift();
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(body: string): Record<string, unknown> {
  try {
    return objectOf(JSON.parse(body || '{}'));
  } catch {
    return {};
  }
}
