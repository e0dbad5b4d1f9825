import { setTimeout as delay } from 'node:timers/promises';
import { Connection, requestBytes } from '../load/connection.js';
import { callBody } from '../load/shapes.js';
import type { Samples } from '../figures/stats.js';
import type { Stage } from '../stage/stage.js';

/** Shorter than a state may live (2 s) less the second within which each is read again. */
const SILENT_MS = 400;
/** On a busy machine an answer may be late without waiting for anybody. */
const PATIENCE_MS = 450;
const WARM_MS = 1_500;
const CONNECTIONS = 8;

/**
 * Whether a warm call waits for anything but its vendor: the line to the database is held, in both directions, and the KMS never answers.
 * Calls that are answered meanwhile awaited neither. Rate limits are kept in the same database: there is no Redis here to ask.
 */
export async function warmPath(stage: Stage, samples: Samples): Promise<void> {
  const { target } = stage.of('engine');
  const bytes = requestBytes(target, callBody(1_024));
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => Connection.open(target.port)),
  );
  let answered = 0;
  let isOver = false;
  const runs = Promise.all(
    connections.map(async (connection) => {
      while (!isOver) {
        await connection.send(bytes);
        answered += 1;
      }
    }),
  );
  const wait = (ms: number) => Promise.race([delay(ms), runs]);
  try {
    await wait(WARM_MS);
    stage.proxy.line = 'hung';
    stage.kms.fault = 'hang';
    await wait(50);
    const before = answered;
    await wait(SILENT_MS);
    isOver = true;
    // Whoever waits for the database is still there when all others are done.
    const waiting = () => connections.filter(({ isBusy }) => isBusy).length;
    for (let waited = 0; waited < PATIENCE_MS && waiting() > 0; waited += 10) await delay(10);
    samples.add('calls answered in the silence', 'engine', answered - before);
    samples.add('calls that waited', 'engine', answered === before ? CONNECTIONS : waiting());
  } finally {
    isOver = true;
    stage.kms.fault = undefined;
    stage.proxy.line = 'sound';
  }
  await runs;
  for (const connection of connections) connection.close();
}
