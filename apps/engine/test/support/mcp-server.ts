import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

/** A server of the protocol's own makers, with what a test gives it. */
export interface FakeMcp {
  url: string;
  port: number;
  /** Each HTTP request: what it was, and with which Authorization header it came. */
  requests: { method: string; rpc: string | undefined; authorization: string | undefined }[];
  calls: { name: string; input: unknown }[];
  /** The tools that a server made from now on has. */
  furnish: (server: McpServer, calls: FakeMcp['calls']) => void;
  /** Answers a request in the server's place, when it answers true. */
  instead:
    | ((
        rpc: string | undefined,
        respond: (status: number, headers: object, body: string) => void,
        raw: ServerResponse,
        id: unknown,
      ) => boolean)
    | null;
  stop(): Promise<void>;
}

/** `add` sums, `fails` fails, `echo` says again what it was sent to know us by. */
export const furnishAdd: FakeMcp['furnish'] = (server, calls) => {
  server.registerTool(
    'add',
    { description: 'Adds two numbers.', inputSchema: { a: z.number(), b: z.number() } },
    async (input) => {
      calls.push({ name: 'add', input });
      return { content: [{ type: 'text', text: String(input.a + input.b) }] };
    },
  );
  server.registerTool('fails', { description: 'Fails.' }, async () => {
    calls.push({ name: 'fails', input: {} });
    return { isError: true, content: [{ type: 'text', text: 'the abacus is broken' }] };
  });
  server.registerTool('echo', { description: 'Says it again.' }, async ({ requestInfo }) => ({
    content: [{ type: 'text', text: `you came with ${String(requestInfo?.headers['authorization'])}` }],
  }));
  server.registerTool(
    'facts',
    { description: 'Structured.', outputSchema: { population: z.number() } },
    async () => ({ content: [], structuredContent: { population: 7 } }),
  );
};

/** Streamable HTTP, without sessions: a server for each request. */
export async function startFakeMcp(): Promise<FakeMcp> {
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      const { method: rpc, id } = (body ?? {}) as { method?: string; id?: unknown };
      const { authorization } = request.headers;
      fake.requests.push({ method: request.method ?? '', rpc, authorization });
      const respond = (status: number, headers: object, answer: string): void =>
        void response.writeHead(status, { ...headers }).end(answer);
      if (fake.instead?.(rpc, respond, response, id)) return;
      const server = new McpServer({ name: 'abacus', version: '1.0.0' });
      fake.furnish(server, fake.calls);
      const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
      response.on('close', () => void server.close());
      void server.connect(transport).then(() => transport.handleRequest(request, response, body));
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const fake: FakeMcp = {
    url: `http://127.0.0.1:${port}/mcp`,
    port,
    requests: [],
    calls: [],
    furnish: furnishAdd,
    instead: null,
    stop: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  return fake;
}
