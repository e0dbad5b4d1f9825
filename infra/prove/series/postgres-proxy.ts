import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { withoutNotifications } from './backend-messages.js';
import { CommitWatch, type HeldBack } from './held-answers.js';

/** What becomes of the bytes between a process and its database. */
export type Line =
  /** As if it were not there. */
  | 'sound'
  /** Everything but notifications: whoever listens is never told. */
  | 'deaf'
  /** Nothing moves, in neither direction; new connections are taken and never answered. What was held back goes on later. */
  | 'hung'
  /** Connections are cut, new ones end at once. */
  | 'refused';

interface Pair {
  client: Socket;
  server: Socket;
  commits: CommitWatch;
}

/** Stands between processes and Postgres and speaks its wire just enough to lose notifications, or everything. */
export class PostgresProxy {
  readonly #pairs = new Set<Pair>();
  readonly #server: Server;
  #line: Line = 'sound';
  /** Notifications that nobody got. */
  lost = 0;
  /** Set: whoever commits a transaction with such a statement never hears that it is committed. */
  heldBack: HeldBack = null;

  private constructor(
    private readonly databasePort: number,
    private readonly listener: (() => (chunk: Buffer) => void) | undefined,
  ) {
    this.#server = createServer((client) => this.#accept(client));
  }

  /** @param listener makes, for each connection, who hears what its client says */
  static async start(databasePort: number, listener?: () => (chunk: Buffer) => void): Promise<PostgresProxy> {
    const proxy = new PostgresProxy(databasePort, listener);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** `url` by way of this proxy. */
  through(url: string): string {
    const changed = new URL(url);
    changed.port = String((this.#server.address() as AddressInfo).port);
    return changed.toString();
  }

  get line(): Line {
    return this.#line;
  }

  set line(line: Line) {
    this.#line = line;
    for (const pair of this.#pairs) {
      if (line === 'refused') end(pair);
      else if (line === 'hung') for (const socket of [pair.client, pair.server]) socket.pause();
      else for (const socket of [pair.client, pair.server]) socket.resume();
    }
  }

  /** How many connections wait for the answer to a commit that is held back from them. */
  get holding(): number {
    return [...this.#pairs].filter(({ commits }) => commits.holds).length;
  }

  async stop(): Promise<void> {
    for (const pair of this.#pairs) end(pair);
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    client.on('error', () => undefined);
    if (this.#line === 'refused') return void client.destroy();
    const server = connect(this.databasePort, '127.0.0.1');
    const pair = { client, server, commits: new CommitWatch() };
    this.#pairs.add(pair);
    const heard = withoutNotifications(() => {
      if (this.#line !== 'deaf') return false;
      this.lost += 1;
      return true;
    });
    const listener = this.listener?.();
    client.on('data', (chunk: Buffer) => {
      listener?.(chunk);
      pair.commits.sent(chunk, this.heldBack);
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (!pair.commits.holds) heard(chunk).forEach((part) => client.write(part));
    });
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => end(pair));
      socket.on('close', () => {
        end(pair);
        this.#pairs.delete(pair);
      });
      if (this.#line === 'hung') socket.pause();
    }
  }
}

function end({ client, server }: Pair): void {
  client.destroy();
  server.destroy();
}
