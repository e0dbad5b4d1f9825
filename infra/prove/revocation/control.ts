import { brokenEngine } from '../series/broken-build.js';
import type { Installation } from '../series/installation.js';
import type { Person } from '../series/people.js';
import { runBatch } from './batch.js';
import { makeCell } from './cell.js';
import { KINDS } from './kinds.js';
import type { Verdict } from './verdict.js';

const CACHE = 'apps/engine/src/keys/state-cache.js';
/**
 * An engine that goes by notifications alone: what it knows has no age, is not read again of itself, and is not asked for
 * before bytes leave.
 */
const WITHOUT_FENCE = [
  {
    file: 'apps/engine/src/keys/fence.js',
    sound: 'const state = cache.peek(key);',
    broken: 'return undefined;\n        const state = cache.peek(key);',
  },
  {
    file: CACHE,
    sound: 'return this.#clock.monotonicMs() - state.stampMs <= maxAgeMs;',
    broken: 'return true;',
  },
  { file: CACHE, sound: 'async refreshHot() {', broken: 'async refreshHot() {\n        return;' },
];
const WATCHED_FOR_MS = 5_000;

/** The same revokes at an engine without the fence: what the series would see if it were not there. */
export async function withoutFence(scene: Installation, owners: readonly Person[]): Promise<Verdict[]> {
  const { build, remove } = brokenEngine(WITHOUT_FENCE);
  try {
    const engine = await scene.startEngine(build);
    const kinds = KINDS.filter(({ refusal }) => refusal !== null);
    const cells = await Promise.all(kinds.map((kind, at) => makeCell(scene, owners[at]!, kind)));
    const verdicts = await runBatch(scene, cells, { engines: [engine.url], forMs: WATCHED_FOR_MS });
    await engine.stop();
    return verdicts;
  } finally {
    remove();
  }
}
