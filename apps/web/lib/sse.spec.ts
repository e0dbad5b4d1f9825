import { describe, expect, it } from '@jest/globals';
import { readEvents, type SseEvent } from './sse';

async function read(...chunks: string[]): Promise<SseEvent[]> {
  const bytes = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(bytes.encode(chunk));
      controller.close();
    },
  });
  const events: SseEvent[] = [];
  for await (const event of readEvents(body)) events.push(event);
  return events;
}

describe('reading server-sent events', () => {
  it('#34 puts events together however they were cut, and passes over heartbeats', async () => {
    const events = await read(
      'id: 1\neve',
      'nt: text.delta\ndata: {"a"',
      ':1}\n',
      '\n: heartbeat\n\nevent: run.fini',
      'shed\ndata: {}\n\n',
    );
    expect(events).toEqual([
      { event: 'text.delta', data: '{"a":1}', id: '1' },
      { event: 'run.finished', data: '{}' },
    ]);
  });

  it('joins several data lines and takes CRLF', async () => {
    expect(await read('event: x\r\ndata: one\r\ndata: two\r\n\r\n')).toEqual([
      { event: 'x', data: 'one\ntwo' },
    ]);
  });

  it('drops an event that was cut off', async () => {
    expect(await read('data: whole\n\ndata: cut')).toEqual([{ event: 'message', data: 'whole' }]);
  });
});
