import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Keeps connections on which nothing was asked yet from holding up the end of a server: its `close` waits for them as for a request that is
 * on its way, until their head is overdue (60 s). Call before the server listens.
 * @returns what ends them, and those that come from then on
 */
export function unusedConnections(server: Server): { end(): void } {
  const open = new Set<Socket>();
  let isOver = false;
  server.on('connection', (socket: Socket) => {
    if (isOver) return void socket.destroy();
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return {
    end: () => {
      isOver = true;
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
    },
  };
}
