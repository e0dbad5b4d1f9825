import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const head = { id: 'c', created: 1, model: 'gpt-4.1-mini' };
const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const WHOLE = JSON.stringify({
  ...{ ...head, object: 'chat.completion' },
  choices: [{ index: 0, message: { role: 'assistant', content: 'Done.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

/** A vendor on OpenAI's wire that takes its time over streams: `pieces` of them, `everyMs` apart. */
export async function startSlowVendor(pieces: number, everyMs: number) {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (bytes: Buffer) => chunks.push(bytes));
    request.on('end', () => {
      const { stream } = JSON.parse(Buffer.concat(chunks).toString()) as { stream?: boolean };
      if (stream) return void slowly();
      response.writeHead(200, { 'content-type': 'application/json' }).end(WHOLE);
    });
    const slowly = async (): Promise<void> => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let piece = 0; piece < pieces && !response.destroyed; piece += 1) {
        response.write(chunk({ content: `${piece} ` }));
        await delay(everyMs);
      }
      response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
    };
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    stop: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
