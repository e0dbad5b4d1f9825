import { setTimeout as delay } from 'node:timers/promises';
import { runOnce } from '../series/runs.js';
import type { AssignedKey } from './tenants.js';
import { greetingOf, promptFor } from './vendor.js';

const LANES_PER_ENGINE = 4;
/** Between two calls of a lane, in ms; the mean of a random pause. */
const PAUSE_MS = 30;

/** What came of calls: by their answers alone. */
export class CallTally {
  calls = 0;
  readonly failed: string[] = [];
  readonly latenciesMs: number[] = [];
  /** Organizations that were answered rightly. */
  readonly orgs = new Set<string>();

  /** Calls an engine in the name of a key, over HTTP. Good is 200 and the greeting of this very key's owner. */
  async call(engine: string, { identity, workspaceId, headers }: AssignedKey): Promise<void> {
    const started = performance.now();
    const outcome = await runOnce({ engine, workspaceId, headers }, promptFor(identity.secretId)).then(
      ({ status, code, text }) =>
        status === 200 && text === greetingOf(identity.secretId) ? null : `${status} ${code ?? text ?? ''}`,
      String,
    );
    this.latenciesMs.push(performance.now() - started);
    this.calls += 1;
    if (outcome === null) this.orgs.add(identity.orgId);
    else this.failed.push(outcome);
  }
}

/** Calls every engine with keys at random until it is stopped. */
export class CallLoad {
  readonly tally = new CallTally();
  #stopped = false;
  readonly #lanes: Promise<void>[];

  constructor(engines: readonly string[], keys: readonly AssignedKey[]) {
    this.#lanes = engines.flatMap((engine) =>
      Array.from({ length: LANES_PER_ENGINE }, () => this.#lane(engine, keys)),
    );
  }

  async stop(): Promise<CallTally> {
    this.#stopped = true;
    await Promise.all(this.#lanes);
    return this.tally;
  }

  async #lane(engine: string, keys: readonly AssignedKey[]): Promise<void> {
    while (!this.#stopped) {
      await this.tally.call(engine, keys[Math.floor(Math.random() * keys.length)]!);
      await delay(Math.random() * 2 * PAUSE_MS);
    }
  }
}

/** So many keys of each organization, called one after another at each of the engines, all engines at once. */
export async function callEveryTenant(
  engines: readonly string[],
  keys: readonly AssignedKey[],
  each: number,
): Promise<CallTally> {
  const tally = new CallTally();
  const some = [...new Set(keys.map(({ identity }) => identity.orgId))].flatMap((orgId) => {
    const own = keys.filter(({ identity }) => identity.orgId === orgId);
    return Array.from({ length: each }, () => own[Math.floor(Math.random() * own.length)]!);
  });
  await Promise.all(
    engines.map(async (engine) => {
      for (const key of some) await tally.call(engine, key);
    }),
  );
  return tally;
}
