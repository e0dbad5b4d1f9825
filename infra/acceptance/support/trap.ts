import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Trap {
  url: string;
  /** Connections so far: nobody has any business here. */
  connections(): number;
  /** What was sent to it. */
  received(): string;
  close(): void;
}

/** A server where addresses and proxies of the environment lead to. It answers everything and remembers it. */
export async function startTrap(): Promise<Trap> {
  let connections = 0;
  let received = '';
  const server = createServer((request, response) => {
    received += `${request.method} ${request.url}\n${request.rawHeaders.join('\n')}\n`;
    request.on('data', (chunk: Buffer) => (received += chunk.toString()));
    response.setHeader('content-type', 'application/json').end('{}');
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    connections: () => connections,
    received: () => received,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
