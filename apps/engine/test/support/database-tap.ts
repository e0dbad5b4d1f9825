import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** `Q` and `P`: Query and Parse (PostgreSQL documentation, "Message Formats"); a statement without a name is parsed each time. */
const QUERY = 'Q'.charCodeAt(0);
const PARSE = 'P'.charCodeAt(0);
/** A type byte and a length that counts itself but not the type. */
const HEAD = 5;

/** Stands between a process and Postgres, notes every query that is sent, and can hold back every answer. */
export class DatabaseTap {
  /** The text of each query, in the order in which they were sent. */
  readonly queries: string[] = [];
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #server: Server;
  readonly #target: URL;
  #silent = false;

  private constructor(databaseUrl: string) {
    this.#target = new URL(databaseUrl);
    this.#server = createServer((client) => this.#accept(client));
  }

  static async start(databaseUrl: string): Promise<DatabaseTap> {
    const tap = new DatabaseTap(databaseUrl);
    tap.#server.listen(0, '127.0.0.1');
    await once(tap.#server, 'listening');
    return tap;
  }

  get url(): string {
    const through = new URL(this.#target);
    through.port = String((this.#server.address() as AddressInfo).port);
    return through.toString();
  }

  /** Whether answers are held back; what was held back goes on later. */
  set silent(silent: boolean) {
    this.#silent = silent;
    for (const [, server] of this.#pairs) {
      if (silent) server.pause();
      else server.resume();
    }
  }

  async stop(): Promise<void> {
    for (const pair of this.#pairs) pair.forEach((socket) => socket.destroy());
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    const heard = queriesOf((text) => this.queries.push(text));
    client.on('data', (chunk) => {
      heard(chunk);
      server.write(chunk);
    });
    server.on('data', (chunk) => client.write(chunk));
    if (this.#silent) server.pause();
    for (const socket of pair) {
      socket.setNoDelay(true);
      const end = (): void => {
        this.#pairs.delete(pair);
        pair.forEach((other) => other.destroy());
      };
      socket.on('error', end);
      socket.on('close', end);
    }
  }
}

/** Reads what a client sends, in whatever pieces it comes, and tells of each query. */
function queriesOf(tell: (text: string) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let isStarted = false;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    // The first message has no type byte.
    if (!isStarted && rest.length >= 4 && rest.length >= rest.readUInt32BE(0)) {
      rest = rest.subarray(rest.readUInt32BE(0));
      isStarted = true;
    }
    while (isStarted && rest.length >= HEAD) {
      const length = 1 + rest.readUInt32BE(1);
      if (rest.length < length) return;
      const body = rest.subarray(HEAD, length);
      if (rest[0] === QUERY) tell(textAt(body, 0));
      if (rest[0] === PARSE) tell(textAt(body, body.indexOf(0) + 1));
      rest = rest.subarray(length);
    }
  };
}

function textAt(body: Buffer, at: number): string {
  return body.toString('utf8', at, body.indexOf(0, at));
}
