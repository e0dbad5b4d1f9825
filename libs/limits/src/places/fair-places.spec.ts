import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FairPlaces, PlacesFull, type PlacesFullOf } from './fair-places.js';

/** Takes until refused. Answers how many there were, and who was full. */
function fill(places: FairPlaces, orgId: string, workspaceId = `${orgId}/1`): [number, PlacesFullOf] {
  for (let taken = 0; ; taken += 1) {
    try {
      places.take({ orgId, workspaceId });
    } catch (full) {
      if (full instanceof PlacesFull) return [taken, full.of];
      throw full;
    }
  }
}

/** Fills workspace after workspace of one organization. */
function fillAll(places: FairPlaces, orgId: string, workspaces = 40): number {
  let taken = 0;
  for (let at = 0; at < workspaces; at += 1) taken += fill(places, orgId, `${orgId}/${at}`)[0];
  return taken;
}

describe('#37 places of a process', () => {
  it('an organization that is alone holds half of them, and its first workspace two fifths', () => {
    const places = new FairPlaces(2_000);
    expect(fill(places, 'a')).toEqual([800, 'workspace']);
    expect(fill(places, 'a', 'a/2')).toEqual([160, 'workspace']);
    expect(960 + fillAll(places, 'a')).toBe(1_000);
    expect(fill(places, 'a', 'a/new')).toEqual([0, 'organization']);
  });

  it('whoever comes later finds room, however many hold what they can', () => {
    const places = new FairPlaces(2_000);
    const held = ['a', 'b', 'c', 'd'].map((org) => fillAll(places, org));
    expect(held).toEqual([1_000, 500, 250, 125]);
    expect(fill(places, 'e')[0]).toBeGreaterThan(40);
    expect(places.taken).toBeLessThan(2_000);
  });

  it('are as many again once they were given back, each once', () => {
    const places = new FairPlaces(4);
    const leave = places.take({ orgId: 'a', workspaceId: 'w' });
    leave();
    leave();
    expect(places.taken).toBe(0);
    expect(fillAll(places, 'a')).toBe(2);
    const one = new FairPlaces(1);
    one.take({ orgId: 'a', workspaceId: 'w' });
    expect(fill(one, 'b')).toEqual([0, 'engine']);
  });

  it('are never more than there are; who holds none gets one while one is free, and nobody more than were free', () => {
    const step = fc.record({ org: fc.nat(4), workspace: fc.nat(2), leaves: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.array(step, { maxLength: 200 }), (many, steps) => {
        const places = new FairPlaces(many);
        const held = new Map<number, (() => void)[]>();
        for (const { org, workspace, leaves } of steps) {
          const own = held.get(org) ?? [];
          held.set(org, own);
          const free = many - places.taken;
          if (leaves) {
            own.pop()?.();
            continue;
          }
          const holder = { orgId: `${org}`, workspaceId: `${org}/${workspace}` };
          const full = places.fullFor(holder);
          try {
            own.push(places.take(holder));
            expect(full).toBeNull();
            expect(own.length).toBeLessThanOrEqual(free);
          } catch (refusal) {
            expect(refusal).toMatchObject({ of: full });
            expect(refusal).toBeInstanceOf(PlacesFull);
            if (own.length === 0) expect(free).toBe(0);
          }
        }
        expect(places.taken).toBe([...held.values()].flat().length);
      }),
    );
  });
});
