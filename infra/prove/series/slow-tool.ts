import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP tool that takes its time, so that a run has many sends with pauses between. */
export interface SlowTool {
  url: string;
  port: number;
  /** Calls that wait for their answer now. */
  open(): number;
  stop(): Promise<void>;
}

const TAKES_MS = 350;

export async function startSlowTool(): Promise<SlowTool> {
  let open = 0;
  const server = createServer((request, response) => {
    request.resume();
    open += 1;
    response.once('close', () => (open -= 1));
    setTimeout(
      () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}'),
      TAKES_MS,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    open: () => open,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
