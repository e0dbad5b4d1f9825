import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface FakeProxyOptions {
  /** Speaks TLS to its clients. */
  tls?: { key: string; cert: string };
  /** `user:password`; anything else is 407. */
  credentials?: string;
  /** Where a CONNECT leads on this machine; undefined: 502. */
  routes: (authority: string) => { host: string; port: number } | undefined;
}

/** What it does with the next CONNECTs instead of connecting. */
export type ProxyFault = { status: number } | 'hang' | 'close' | 'speak first';

export interface FakeProxy {
  port: number;
  /** Every CONNECT, with its headers, in order. */
  connects: { authority: string; headers: IncomingHttpHeaders }[];
  /** Requests that were no CONNECT, by their request lines: keys must never come here. */
  others: string[];
  /** Every byte that clients sent inside tunnels. */
  tunnelled(): string;
  connections(): number;
  fail(fault: ProxyFault | null): void;
  /** Ends every connection. */
  hangUp(): Promise<void>;
  stop(): Promise<void>;
}

/** A real small CONNECT proxy on loopback. */
export async function startFakeProxy(options: FakeProxyOptions): Promise<FakeProxy> {
  const connects: FakeProxy['connects'] = [];
  const others: string[] = [];
  const sent: Buffer[] = [];
  const sockets = new Set<Duplex>();
  let fault: ProxyFault | null = null;
  let connections = 0;

  const server = options.tls ? createTlsServer(options.tls) : createServer();
  server.on(options.tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  });
  server.on('request', (request, response) => {
    others.push(`${request.method} ${request.url}`);
    response.writeHead(400).end();
  });
  server.on('connect', (request: IncomingMessage, client: Duplex) => {
    const authority = request.url ?? '';
    connects.push({ authority, headers: request.headers });
    if (fault === 'hang') return;
    if (fault === 'close') return void client.destroy();
    if (fault === 'speak first') return void client.write('HTTP/1.1 200 OK\r\n\r\n<html>log in</html>');
    if (fault) return answer(client, fault.status);
    if (!mayPass(request.headers, options.credentials)) return answer(client, 407);
    const place = options.routes(authority);
    if (!place) return answer(client, 502);
    const upstream = connect(place.port, place.host, () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
    sockets.add(upstream);
    upstream.on('error', () => client.destroy()).once('close', () => client.destroy());
    client.on('data', (chunk: Buffer) => sent.push(chunk)).once('close', () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connects,
    others,
    tunnelled: () => Buffer.concat(sent).toString('latin1'),
    connections: () => connections,
    fail: (next) => void (fault = next),
    hangUp: async () => {
      const closed = [...sockets].map((socket) => once(socket, 'close'));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(client: Duplex, status: number): void {
  client.end(
    `HTTP/1.1 ${status} No\r\nproxy-authenticate: Basic realm="corp-secret-realm"\r\ncontent-length: 0\r\n\r\n`,
  );
}

function mayPass(headers: IncomingHttpHeaders, credentials: string | undefined): boolean {
  if (credentials === undefined) return true;
  return headers['proxy-authorization'] === `Basic ${Buffer.from(credentials).toString('base64')}`;
}
