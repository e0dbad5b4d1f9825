import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { until } from './until.js';

/** A span as OTLP's JSON has it, attributes as plain values. */
export interface CollectedSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  kind: number;
  status: number;
  attributes: Record<string, unknown>;
}

export interface Post {
  path: string;
  headers: Record<string, unknown>;
  body: Buffer;
}

/** A receiver of OTLP over real HTTP, in place of the operator's collector. */
export class Collector {
  readonly posts: Post[] = [];
  connections = 0;
  /** Takes connections and bytes, and answers nothing. */
  hangs = false;
  readonly #open = new Set<Socket>();
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url = '', headers } = request;
      this.posts.push({ path: url, headers, body: Buffer.concat(chunks) });
      if (!this.hangs) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });

  async start(): Promise<string> {
    this.#server.on('connection', (socket: Socket) => {
      this.connections += 1;
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/traces`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Everything that was sent, as text. */
  get text(): string {
    return this.posts
      .map(({ headers, body }) => JSON.stringify(headers) + body.toString('latin1'))
      .join('\n');
  }

  /** The spans of one trace that came as JSON. */
  spans(traceId: string): CollectedSpan[] {
    return this.posts
      .filter(({ headers }) => headers['content-type'] === 'application/json')
      .flatMap(({ body }) => spansIn(JSON.parse(body.toString('utf8')) as OtlpTraces))
      .filter((span) => span.traceId === traceId);
  }

  /** The spans of one trace, once there are `count`. */
  async whole(traceId: string, count: number): Promise<CollectedSpan[]> {
    await until(() => this.spans(traceId).length >= count);
    return this.spans(traceId);
  }
}

interface OtlpAttribute {
  key: string;
  value: {
    stringValue?: string;
    intValue?: number | string;
    arrayValue?: { values: { stringValue?: string }[] };
  };
}
interface OtlpSpan extends Omit<CollectedSpan, 'attributes' | 'status'> {
  attributes: OtlpAttribute[];
  status: { code?: number };
}
interface OtlpTraces {
  resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[];
}

function spansIn({ resourceSpans }: OtlpTraces): CollectedSpan[] {
  return resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map(({ name, traceId, spanId, parentSpanId, kind, status, attributes }) => ({
      ...{ name, traceId, spanId, parentSpanId, kind, status: status.code ?? 0 },
      attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)])),
    }));
}

function plain({ stringValue, intValue, arrayValue }: OtlpAttribute['value']): unknown {
  if (intValue !== undefined) return Number(intValue);
  return stringValue ?? arrayValue?.values.map((value) => value.stringValue);
}
