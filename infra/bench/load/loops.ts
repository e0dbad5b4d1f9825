import { setTimeout as delay } from 'node:timers/promises';
import { Connection, type Outcome, type Target } from './connection.js';

/** Load of two kinds. Connections are opened before anything is measured, and closed afterwards. */

export interface ClosedLoop {
  targets: readonly Target[];
  bytesFor: (target: Target) => Buffer;
  connections: number;
  /** Not measured: until each connection has been used and the caches are warm. */
  leadMs: number;
  ms: number;
  /** Called when the measured time begins, and when it is over. */
  onBegin?: () => Promise<void>;
  onEnd?: () => Promise<void>;
}

/** Each connection asks again as soon as it was answered. Answers how many calls ended within the measured time, and how long it was. */
export async function closedLoop(loop: ClosedLoop): Promise<{ calls: number; ms: number }> {
  const { targets, connections } = loop;
  const opened = await Promise.all(
    Array.from({ length: connections }, async (_, at) => {
      const target = targets[at % targets.length]!;
      return { connection: await Connection.open(target.port), bytes: loop.bytesFor(target) };
    }),
  );
  let calls = 0;
  let isOver = false;
  const run = async ({ connection, bytes }: { connection: Connection; bytes: Buffer }) => {
    while (!isOver) {
      await connection.send(bytes);
      calls += 1;
    }
  };
  const runs = Promise.all(opened.map(run));
  // A failure is told at once, not when the time is over; then nobody goes on asking.
  const wait = (ms: number) => Promise.race([delay(ms), runs]);
  try {
    await wait(loop.leadMs);
    await loop.onBegin?.();
    const [from, before] = [performance.now(), calls];
    await wait(loop.ms);
    const [to, after] = [performance.now(), calls];
    await loop.onEnd?.();
    isOver = true;
    await runs;
    return { calls: after - before, ms: to - from };
  } finally {
    isOver = true;
    for (const { connection } of opened) connection.close();
  }
}

export interface OpenLoop {
  target: Target;
  bytes: Buffer;
  perSecond: number;
  leadMs: number;
  ms: number;
}

/** Calls at a steady rate whatever becomes of those before: what it took each, in the measured time. */
export async function openLoop({ target, bytes, perSecond, leadMs, ms }: OpenLoop): Promise<Outcome[]> {
  const idle: Connection[] = [];
  const all: Connection[] = [];
  for (let at = 0; at < 8; at += 1) all.push(await Connection.open(target.port));
  idle.push(...all);
  const outcomes: Promise<Outcome>[] = [];
  const send = async (): Promise<Outcome> => {
    let connection = idle.pop();
    if (!connection) all.push((connection = await Connection.open(target.port)));
    const outcome = await connection.send(bytes);
    idle.push(connection);
    return outcome;
  };
  const start = performance.now();
  const count = Math.round(((leadMs + ms) / 1_000) * perSecond);
  for (let at = 0; at < count; at += 1) {
    const due = start + (at * 1_000) / perSecond;
    while (performance.now() < due) await delay(Math.max(0, Math.floor(due - performance.now())));
    const outcome = send();
    // A failure is told when all of them are awaited; until then it is nobody's surprise.
    outcome.catch(() => undefined);
    outcomes.push(outcome);
  }
  const done = await Promise.all(outcomes);
  for (const connection of all) connection.close();
  return done.filter(({ sentAt }) => sentAt - start >= leadMs);
}
