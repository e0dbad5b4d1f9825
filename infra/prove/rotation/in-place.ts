import { setTimeout as delay } from 'node:timers/promises';
import { toUuid } from '#lib/kernel';
import { commitTimes } from '../series/commit-times.js';
import type { Installation } from '../series/installation.js';
import type { Bars, Figures } from '../proof.js';
import { RotationLoad } from './load.js';
import { freshSecret, makeTenant, type Tenant } from './tenant.js';
import type { Vendor } from './vendor.js';

/** After a rotation's answer, before the next one, in ms. */
const APART_MS = 1_200;
const EVERY_NTH_IS_BAD = 4;
const SHREDDED_WITHIN_MS = 60_000;
const AFTERWARDS_MS = 4_000;
/** A run may hold the version that it began with; the slowest of this load takes so long, with room for a busy machine. */
const LONGEST_RUN_MS = 10_000;

/** Rotates one key in place, again and again, under the load of both engines; now and then the new value is a bad one. */
export async function rotateInPlace(
  scene: Installation,
  vendor: Vendor,
  rounds: number,
  bars: Bars,
): Promise<Figures> {
  const tenant = await makeTenant(scene, 'in-place');
  const load = new RotationLoad(tenant.callers);
  const retired: { secret: string; requestId: string }[] = [];
  const bad: string[] = [];
  let { secret } = tenant.key;
  for (let round = 1; round <= rounds; round += 1) {
    if (round % EVERY_NTH_IS_BAD === 0) bad.push(await refusedRotation(tenant, bars));
    const next = freshSecret();
    const { body, requestId } = await rotate(tenant, next);
    bars.hold(body['ok'] === true, `rotation ${round} was refused: ${String(body['message'])}`);
    retired.push({ secret, requestId });
    secret = next;
    await delay(APART_MS);
  }

  const overlap = await states(scene, tenant);
  await shred(scene, tenant, retired.length, bars);
  for (const old of retired) vendor.refuse(old.secret);
  const before = load.runs.length;
  await delay(AFTERWARDS_MS);
  await load.stop();

  const commits = await commitTimes(
    scene.db,
    retired.map(({ requestId }) => requestId),
  );
  const heldMs = retired.map((old) => lastUse(scene, old.secret) - (commits.get(old.requestId) ?? 0));
  const badCalls = bad.map((value) => scene.arrivals.of(value).length);
  bars.hold(load.failed.length === 0, `in place: ${load.failed.length} calls failed: ${named(load)}`);
  bars.hold(
    overlap['draining'] === rounds,
    `in place: ${JSON.stringify(overlap)} instead of ${rounds} draining`,
  );
  bars.hold(
    badCalls.every((calls) => calls === 1),
    'in place: a bad key was used for more than its test',
  );
  bars.hold(vendor.turnedAway === 0, `in place: ${vendor.turnedAway} calls went out with a destroyed key`);
  bars.hold(
    Math.max(...heldMs) <= LONGEST_RUN_MS,
    `in place: an old value was used ${Math.max(...heldMs)} ms later`,
  );
  return {
    rotations: rounds,
    rotationRuns: load.runs.length,
    rotationFailedRuns: load.failed.length,
    badKeysRefusedAtTheirTest: bad.length,
    versionsDrainingTogether: overlap['draining'] ?? 0,
    versionsShredded: (await states(scene, tenant))['shredded'] ?? 0,
    oldValueLastUsedMsAfterCommitMax: Math.round(Math.max(...heldMs)),
    runsAfterTheVendorRefusedEveryOldValue: load.runs.length - before,
  };
}

function rotate({ owner, key }: Tenant, secret: string) {
  return owner.ok('POST', `/ai-providers/${key.id}/rotate`, { secret });
}

/** A new value that the vendor does not know: tested, refused, and nothing is changed. Answers the value. */
async function refusedRotation(tenant: Tenant, bars: Bars): Promise<string> {
  const version = async () =>
    (await tenant.owner.ok('GET', `/ai-providers/${tenant.key.id}`)).body['version'];
  const value = freshSecret().replace('rotate', 'bad');
  const before = await version();
  const { status, body } = await rotate(tenant, value);
  const kept = (await version()) === before;
  bars.hold(
    status === 200 && body['ok'] === false && body['status'] === 'auth_failed',
    'a bad key passed its test',
  );
  bars.hold(kept && body['version'] === before, 'a bad key changed the version in use');
  return value;
}

/** How many versions of the key's secret are in which state. */
async function states({ db }: Installation, { key }: Tenant): Promise<Record<string, number>> {
  const { rows } = await db.query<{ state: string; count: number }>(
    `SELECT v.state, count(*)::int AS count FROM secret_versions v
     JOIN provider_keys k ON k.org_id = v.org_id AND k.secret_id = v.secret_id
     WHERE k.id = $1 AND (v.envelope IS NOT NULL OR v.state = 'shredded') GROUP BY v.state`,
    [toUuid(key.id)],
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** Lets the quarter of an hour be over that old versions drain, and waits until the worker has destroyed them. */
async function shred(scene: Installation, tenant: Tenant, count: number, bars: Bars): Promise<void> {
  await scene.db.query(
    `UPDATE secret_versions SET retired_at = retired_at - interval '16 minutes' WHERE state = 'draining'`,
  );
  const worker = await scene.startWorker();
  const until = Date.now() + SHREDDED_WITHIN_MS;
  // The versions of refused rotations are erased at once, and count too.
  while (((await states(scene, tenant))['draining'] ?? 0) > 0 && Date.now() < until) await delay(100);
  await worker.stop();
  const left = await states(scene, tenant);
  bars.hold(
    left['draining'] === undefined,
    `in place: ${left['draining']} drained versions were not destroyed`,
  );
  bars.hold((left['shredded'] ?? 0) >= count, 'in place: a replaced version is still there');
}

function lastUse({ arrivals }: Installation, secret: string): number {
  return arrivals.of(secret).at(-1) ?? 0;
}

function named(load: RotationLoad): string {
  return [...new Set(load.failed.map((run) => `${run.status} ${run.code ?? ''}`))].join(', ');
}
