import { setTimeout as delay } from 'node:timers/promises';
import { median, type Samples } from '../figures/stats.js';
import { Connection, requestBytes, type Target } from '../load/connection.js';
import { callBody } from '../load/shapes.js';
import type { Stage } from '../stage/stage.js';
import type { Plan } from './plan.js';

/** The engine's query for what authorises a call, by its text. */
const STATE_QUERY = 'authorised_state';
/** Longer than the engine keeps a state warm that nobody uses: its own refreshing is no part of what is counted. */
const COOLED_MS = 6_500;
/** What the KMS takes for an answer while a stampede is measured, so that all of it is there before the first answer is. */
const KMS_MS = 25;
const AT_ONCE = 100;

/**
 * One call after the other with a token and a key that the engine has never seen: state, data key and decision are all fetched. The
 * connections to the vendor are there, as the references' are; nothing is injected into the KMS, whose own work counts against us.
 */
export async function coldMisses(stage: Stage, { coldCalls }: Plan, samples: Samples): Promise<void> {
  const body = callBody(1_024);
  const lines = {
    direct: await Connection.open(stage.of('direct').target.port),
    bare: await Connection.open(stage.of('bare').target.port),
    cold: await Connection.open(stage.of('engine').target.port),
  };
  const took = { direct: [] as number[], bare: [] as number[], cold: [] as number[] };
  const ask = async (name: keyof typeof lines, target: Target) => {
    const { sentAt, endAt } = await lines[name].send(requestBytes(target, body));
    took[name].push(endAt - sentAt);
  };
  for (let at = 0; at < coldCalls; at += 1) {
    await ask('direct', stage.of('direct').target);
    await ask('bare', stage.of('bare').target);
    await ask('cold', stage.unseen());
    await delay(5);
  }
  for (const connection of Object.values(lines)) connection.close();
  samples.add('cold p50 ms', 'direct', median(took.direct));
  samples.add('cold p50 ms', 'bare', median(took.bare));
  samples.add('cold p50 ms', 'engine', median(took.cold));
}

/** A hundred calls at once with one token that the engine has never seen: what they ask of the KMS and the database, together. */
export async function stampede(stage: Stage, samples: Samples): Promise<void> {
  await delay(COOLED_MS);
  const target = stage.unseen();
  const connections = await Promise.all(Array.from({ length: AT_ONCE }, () => Connection.open(target.port)));
  const bytes = requestBytes(target, callBody(1_024));
  const before = { kms: stage.kms.calls.length, queries: stage.queries.count(STATE_QUERY) };
  stage.kms.latencyMs = KMS_MS;
  try {
    await Promise.all(connections.map((connection) => connection.send(bytes)));
  } finally {
    stage.kms.latencyMs = 0;
  }
  samples.add('stampede: KMS calls', 'engine', stage.kms.calls.length - before.kms);
  samples.add('stampede: state queries', 'engine', stage.queries.count(STATE_QUERY) - before.queries);
  for (const connection of connections) connection.close();
}
