import { referenceCounted, type RefRequest, type RefWorld } from '#lib/testing';
import { resolve, run } from './asked.js';
import type { ResolutionStage } from './stage.js';
import type { MadeWorld } from './world-maker.js';

/** A world, a call, and where its keys' calls go. */
export interface Case {
  place: string;
  world: RefWorld;
  request: RefRequest;
}

/** On the wire who asks and what they may is looked at before all else: a caller without the right learns of no switch. */
export function asWireSees(world: RefWorld): RefWorld {
  return isTurnedAway(world) ? { ...world, stopped: null } : world;
}

function isTurnedAway({ caller }: RefWorld): boolean {
  const { known, revoked, expired, wall, role, mayExecute } = caller;
  return !known || revoked || expired || wall === 'elsewhere' || (role === 'MEMBER' && !mayExecute);
}

/** Whoever may ask `resolve` and not run is told of the switch by it, and of the right by the engine. */
function isToldApart(world: RefWorld): boolean {
  return world.stopped !== null && isTurnedAway(world);
}

/** Asks both planes, looks into the vendor's log, and holds all three against the reference model. Answers what differs, in words. */
export async function judge(stage: ResolutionStage, one: Case, made: MadeWorld): Promise<string[]> {
  const { place, world, request } = one;
  const due = referenceCounted(asWireSees(world), request);
  const said = await resolve(stage, made, request);
  const did = await run(stage, made, request);
  const faults: string[] = [];
  const hold = (holds: boolean, what: string) => {
    if (!holds)
      faults.push(`${what}: ${JSON.stringify({ due, said, did, ...one, world: { ...world, vendors: [] } })}`);
  };
  const choiceOf = (key: number, model: string) => `${made.keyId(key)} ${model}`;

  const arrived = stage.vendor.arrivals.filter(({ path }) => path.startsWith(`/${place}/`));
  if (due.ok) {
    const { key, model } = due;
    const hasSecret = world.keys.some(({ number, hasSecret: has }) => number === key && has);
    const path = `/${place}/k${key}/v1/chat/completions`;
    const expected = [{ path, credential: hasSecret ? made.secretOf(key) : null, model }];
    hold(JSON.stringify(arrived) === JSON.stringify(expected), `the vendor saw ${JSON.stringify(arrived)}`);
    hold(did.choice === choiceOf(key, model), 'the run served otherwise');
  } else {
    hold(arrived.length === 0, `the vendor saw ${JSON.stringify(arrived)}`);
    hold(did.code === due.code, 'the run was refused otherwise');
  }
  const isApart = isToldApart(world);
  if (due.ok) hold(said.choice === choiceOf(due.key, due.model), 'resolve chose otherwise');
  else if (!isApart) hold(said.code === due.code, 'resolve refused otherwise');
  // Of the caller each plane speaks in its own words.
  const isSame = !due.ok && due.gate !== 'token' && !isApart;
  if (isSame) hold(timeless(said.detail) === timeless(did.detail), 'the sentences differ');
  return faults;
}

/** Between the two answers a second may pass. */
function timeless(detail: string | null): string | null {
  return detail && detail.replace(/in \d+ s/, 'in N s').replace(/up to \$?[\d.]+/, 'up to N');
}
