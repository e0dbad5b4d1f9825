import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ToolCall {
  method: string;
  url: string;
  headers: Record<string, unknown>;
  body: string;
}

/** A server that http tools may call: records, and answers by path. */
export interface ToolServer {
  url: string;
  port: number;
  calls: ToolCall[];
  stop(): Promise<void>;
}

export async function startToolServer(): Promise<ToolServer> {
  const calls: ToolCall[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      calls.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      const json = { 'content-type': 'application/json' };
      if (url.startsWith('/slow')) return;
      // Longer than the fence lets a state live.
      if (url.startsWith('/wait'))
        return void setTimeout(() => response.writeHead(200, json).end('{}'), 2_200);
      if (url.startsWith('/pause')) return void setTimeout(() => response.writeHead(200, json).end('{}'), 50);
      if (url.startsWith('/echo')) {
        const came = JSON.stringify({ came: headers['authorization'] });
        return void response.writeHead(url.startsWith('/echo-fails') ? 500 : 200, json).end(came);
      }
      if (url.startsWith('/fails')) response.writeHead(500, json).end('{"reason":"out of stock"}');
      else if (url.startsWith('/redirect'))
        response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
      else if (url.startsWith('/huge')) response.writeHead(200).end('x'.repeat(300 * 1024));
      else response.writeHead(200, json).end('{"temperature":21}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    calls,
    stop: async () => {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
