import type { Installation } from '../series/installation.js';
import type { Person } from '../series/people.js';
import { runBatch, type Watch } from './batch.js';
import { makeCell } from './cell.js';
import { KINDS } from './kinds.js';
import type { Verdict } from './verdict.js';

/** Revokes `each` of every kind, as many at once as there are organizations: one in each, since a gate is all of its own. */
export async function revokeAll(
  scene: Installation,
  owners: readonly Person[],
  each: number,
  watch: Watch,
  done: (count: number) => void,
): Promise<Verdict[]> {
  const kinds = Array.from({ length: each }, () => KINDS).flat();
  const verdicts: Verdict[] = [];
  for (let at = 0; at < kinds.length; at += owners.length) {
    const now = kinds.slice(at, at + owners.length);
    const cells = await Promise.all(now.map((kind, index) => makeCell(scene, owners[index]!, kind)));
    verdicts.push(...(await runBatch(scene, cells, watch)));
    done(verdicts.length);
  }
  return verdicts;
}
