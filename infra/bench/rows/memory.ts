import { setTimeout as delay } from 'node:timers/promises';
import { Connection, requestBytes } from '../load/connection.js';
import { callBody } from '../load/shapes.js';
import type { MemoryUse } from '../stage/contender.js';
import type { Stage } from '../stage/stage.js';

/** Streams that say something every now and then for as long as is measured. */
const OPEN_FOR = { chunks: 28, gapMs: 250 };
const KB = 1_024;

/** What a stream that is open costs, in KB: with what the JavaScript heap and buffers hold, and with all that the process has. */
export interface PerStream {
  live: number;
  resident: number;
}

/** Memory of the engine with so many streams open, less what it has without them, each after a collection. */
export async function memoryPerStream(stage: Stage, streams: number): Promise<PerStream> {
  const { process } = stage.of('engine');
  // Once before, so that what is allocated once and kept does not count for a stream.
  await withStreams(stage, streams, () => Promise.resolve());
  const before = await process.memory();
  const during = await withStreams(stage, streams, () => process.memory());
  const live = ({ heapUsed, external }: MemoryUse) => heapUsed + external;
  return {
    live: (live(during) - live(before)) / streams / KB,
    resident: (during.rss - before.rss) / streams / KB,
  };
}

async function withStreams<T>(stage: Stage, streams: number, work: () => Promise<T>): Promise<T> {
  const { target } = stage.of('engine');
  const bytes = requestBytes(target, callBody(1_024, OPEN_FOR));
  const connections = await Promise.all(Array.from({ length: streams }, () => Connection.open(target.port)));
  const answers = Promise.all(connections.map((connection) => connection.send(bytes)));
  const wait = (ms: number) => Promise.race([delay(ms), answers]);
  // Until each has said something.
  await wait(4_000);
  const result = await work();
  await answers;
  for (const connection of connections) connection.close();
  return result;
}
