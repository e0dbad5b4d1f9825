import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SinkRequest {
  /** The address of this machine that was dialled. */
  at: string;
  url: string;
  headers: IncomingHttpHeaders;
}

/** An internal service that nobody may reach: counts, and remembers what came. */
export interface Sink {
  port: number;
  /** Connections since the last reset, requests or not, by the address that was dialled. */
  connections: string[];
  requests: SinkRequest[];
  reset(): void;
  stop(): Promise<void>;
}

/** Listens on every address of this machine, both families, on one port. */
export async function startSink(): Promise<Sink> {
  const connections: string[] = [];
  const requests: SinkRequest[] = [];
  const server = createServer((request, response) => {
    const { url = '', headers, socket } = request;
    requests.push({ at: plain(socket.localAddress), url, headers });
    response
      .writeHead(200, { 'content-type': 'application/json', connection: 'close' })
      .end('{"internal":true}');
  });
  server.on('connection', (socket) => void connections.push(plain(socket.localAddress)));
  server.listen(0);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    requests,
    reset: () => {
      connections.length = 0;
      requests.length = 0;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A socket of both families shows IPv4 in its mapped form. */
function plain(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '');
}
