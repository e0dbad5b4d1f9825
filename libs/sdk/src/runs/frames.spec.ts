import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConnectionError } from '../errors.js';
import { readFrames, type Frame } from './frames.js';

function bodyOf(chunks: Uint8Array[], ends = true): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      if (ends) controller.close();
    },
  });
}

async function read(...chunks: Uint8Array[]): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of readFrames(bodyOf(chunks), 5_000)) frames.push(frame);
  return frames;
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe('#34 #57 the frames of a stream', () => {
  it('are the same wherever the network cut them, with either line break', async () => {
    const text =
      'id: 1\nevent: run.started\ndata: {"é":1}\n\n: heartbeat\n\nid: 2\nevent: text.delta\ndata: one\ndata: – two\n\n';
    const whole = [
      { id: '1', event: 'run.started', data: '{"é":1}' },
      { id: '2', event: 'text.delta', data: 'one\n– two' },
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.nat({ max: 120 }), { maxLength: 12 }),
        async (lineBreak, cuts) => {
          const all = bytes(text.replaceAll('\n', lineBreak));
          const at = [0, ...cuts.sort((a, b) => a - b), all.length];
          const chunks = at.slice(1).map((end, n) => all.subarray(at[n], end));
          expect(await read(...chunks)).toEqual(whole);
        },
      ),
    );
  });

  it('without a closing blank line are dropped', async () => {
    expect(await read(bytes('id: 1\ndata: whole\n\nid: 2\ndata: cut'))).toMatchObject([{ data: 'whole' }]);
  });

  it('that stop coming, heartbeats too, are a lost connection', async () => {
    const frames = readFrames(bodyOf([bytes('data: one\n\n')], false), 30);
    expect((await frames.next()).value).toMatchObject({ data: 'one' });
    await expect(frames.next()).rejects.toThrow(ConnectionError);
  });
});
