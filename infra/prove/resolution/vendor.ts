import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What reached the vendor: where it was sent, the credential that came along, and the model that was asked for. */
export interface Arrival {
  path: string;
  credential: string | null;
  model: string;
}

/** A vendor with an OpenAI-compatible API that notes each call, and answers it. Every provider's base URL points here. */
export interface NotingVendor {
  port: number;
  /** The base URL of one key: its path says whose call came, also where no credential does. */
  baseUrl(place: string): string;
  arrivals: Arrival[];
  stop(): Promise<void>;
}

export async function startVendor(): Promise<NotingVendor> {
  const arrivals: Arrival[] = [];
  const server = createServer((request, response) => void answer(request, response, arrivals));
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    arrivals,
    baseUrl: (place) => `http://127.0.0.1:${port}/${place}/v1`,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  arrivals: Arrival[],
): Promise<void> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const body = JSON.parse(text || '{}') as { model?: string; stream?: boolean };
  const { model = '' } = body;
  const path = request.url ?? '';
  arrivals.push({ path, credential: request.headers.authorization?.replace('Bearer ', '') ?? null, model });
  const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 };
  const whole = { id: 'c', created: 1, model };
  if (!body.stream) {
    const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello.' } }];
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ...whole, object: 'chat.completion', choices, usage }));
    return;
  }
  response.setHeader('content-type', 'text/event-stream');
  const frames = [
    { choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello.' } }] },
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage },
  ];
  for (const frame of frames)
    response.write(`data: ${JSON.stringify({ ...whole, object: 'chat.completion.chunk', ...frame })}\n\n`);
  response.end('data: [DONE]\n\n');
}
