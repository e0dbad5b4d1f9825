import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** A message as it came in. */
export interface Received {
  path: string;
  id: string;
  headers: IncomingHttpHeaders;
  body: string;
}

type Answer = (response: ServerResponse, message: Received) => void;
const OK: Answer = (response) => void response.writeHead(204).end();

/** A receiver of webhooks as a customer has one: a server that keeps what it gets, and verifies with the vendors' own library. */
export class Receiver {
  readonly all: Received[] = [];
  /** Requests that have not been answered, and the most there ever were, by path. */
  readonly open = new Map<string, number>();
  readonly most = new Map<string, number>();
  readonly #answers = new Map<string, Answer>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const path = request.url ?? '';
        const body = Buffer.concat(chunks).toString('utf8');
        const message = { path, id: String(request.headers['webhook-id']), headers: request.headers, body };
        this.all.push(message);
        this.#count(path, 1);
        response.once('close', () => this.#count(path, -1));
        (this.#answers.get(path) ?? OK)(response, message);
      });
    });
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((listening) => receiver.#server.listen(0, '127.0.0.1', listening));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  at(path: string): Received[] {
    return this.all.filter((message) => message.path === path);
  }

  /** What requests to this path are answered from now on; without `answer` 204. */
  answer(path: string, answer: Answer = OK): void {
    this.#answers.set(path, answer);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  #count(path: string, by: number): void {
    const now = (this.open.get(path) ?? 0) + by;
    this.open.set(path, now);
    this.most.set(path, Math.max(now, this.most.get(path) ?? 0));
  }
}

/** The message, when it was signed with this secret. Throws when it was not. */
export function verified(
  secret: string,
  { headers, body }: Received,
): { type: string; timestamp: string; data: object } {
  const signed = Object.fromEntries(
    ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, String(headers[name])]),
  );
  return new Webhook(secret).verify(body, signed) as ReturnType<typeof verified>;
}

/** Answers with a status, and a body where there is one to tell. */
export function status(code: number, body = '', headers: Record<string, string> = {}): Answer {
  return (response) => void response.writeHead(code, headers).end(body);
}
