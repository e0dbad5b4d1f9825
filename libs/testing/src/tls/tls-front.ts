import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer } from 'node:tls';

export interface TlsFront {
  port: number;
  stop(): Promise<void>;
}

/** Speaks TLS with this certificate before a plain server of this machine. */
export async function startTlsFront(
  certificate: { key: string; cert: string },
  behind: () => number,
): Promise<TlsFront> {
  const sockets = new Set<Socket>();
  const server = createServer(certificate, (outer) => {
    const inner = connect(behind(), '127.0.0.1');
    for (const socket of [outer, inner]) sockets.add(socket.on('error', () => undefined));
    outer.once('close', () => inner.destroy());
    inner.once('close', () => outer.destroy());
    outer.pipe(inner).pipe(outer);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
