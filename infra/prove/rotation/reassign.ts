import { setTimeout as delay } from 'node:timers/promises';
import { commitTimes } from '../series/commit-times.js';
import type { Installation } from '../series/installation.js';
import type { RunEnd } from '../series/runs.js';
import type { Bars, Figures } from '../proof.js';
import { RotationLoad } from './load.js';
import { addKey, assign, makeTenant } from './tenant.js';
import type { Vendor } from './vendor.js';

/** Side by side, so that the series takes minutes. */
const TENANTS = 3;
/** While both keys are assigned, for as long as the runs take that began with the old one: two seconds and the slowest run. */
const OVERLAP_MS = 4_500;
const AFTER_MS = 300;
const FENCE_MS = 2_000;

interface Replaced {
  runs: RunEnd[];
  failed: RunEnd[];
  /** From the commit of each removal to the last send with the removed key, in ms. */
  lateMs: number[];
}

/** Replaces a workspace's key by another one, `rounds` times in all, under load: add → reassign → remove. */
export async function addReassignRemove(
  scene: Installation,
  vendor: Vendor,
  rounds: number,
  bars: Bars,
): Promise<Figures> {
  const each = Array.from({ length: TENANTS }, (_, at) =>
    replace(scene, vendor, Math.ceil(rounds / TENANTS), `reassign-${at + 1}`, OVERLAP_MS),
  );
  const all = await Promise.all(each);
  const [runs, failed] = [all.flatMap((one) => one.runs), all.flatMap((one) => one.failed)];
  const lateMs = all.flatMap((one) => one.lateMs);
  const named = [...new Set(failed.map((run) => `${run.status} ${run.code ?? ''}`))].join(', ');
  bars.hold(failed.length === 0, `add → reassign → remove: ${failed.length} calls failed: ${named}`);
  bars.hold(
    vendor.turnedAway === 0,
    `add → reassign → remove: ${vendor.turnedAway} calls used a removed key`,
  );
  bars.hold(
    Math.max(...lateMs) <= FENCE_MS,
    `a removed key was sent ${Math.max(...lateMs)} ms after its removal`,
  );
  return {
    replacements: lateMs.length,
    replacementRuns: runs.length,
    replacementFailedRuns: failed.length,
    removedKeyLastSentMsAfterCommitMax: Math.round(Math.max(...lateMs)),
  };
}

/** What it costs to leave out the overlap: taking the old key away ends the runs that are under way with it, by name. */
export async function replaceAtOnce(scene: Installation, vendor: Vendor, rounds: number): Promise<Figures> {
  const { runs, failed } = await replace(scene, vendor, rounds, 'at-once', 0);
  return {
    replacedAtOnce: rounds,
    replacedAtOnceRuns: runs.length,
    replacedAtOnceRunsEndedAsNoProviderKey: failed.filter((run) => run.code === 'no_provider_key').length,
  };
}

async function replace(
  scene: Installation,
  vendor: Vendor,
  rounds: number,
  name: string,
  overlapMs: number,
): Promise<Replaced> {
  const { owner, workspaceId, callers, key } = await makeTenant(scene, name);
  const load = new RotationLoad(callers);
  const removed: { secret: string; requestId: string }[] = [];
  let old = key;
  for (let round = 1; round <= rounds; round += 1) {
    await delay(1_000);
    const next = await addKey(scene, owner);
    if (overlapMs > 0) await assign(owner, workspaceId, [next.id, old.id]);
    await delay(overlapMs);
    const requestId = await assign(owner, workspaceId, [next.id]);
    await owner.ok('DELETE', `/ai-providers/${old.id}`);
    removed.push({ secret: old.secret, requestId });
    await delay(AFTER_MS);
    if (overlapMs > 0) vendor.refuse(old.secret);
    old = next;
  }
  await load.stop();
  const commits = await commitTimes(
    scene.db,
    removed.map(({ requestId }) => requestId),
  );
  const lateMs = removed.map(({ secret, requestId }) =>
    Math.max(0, (scene.arrivals.of(secret).at(-1) ?? 0) - (commits.get(requestId) ?? 0)),
  );
  return { runs: load.runs, failed: load.failed, lateMs };
}
