import { describe, expect, it } from '@jest/globals';
import { ClavigerError, type AuthorisedState } from '#lib/contracts';
import { ManualClock } from '#lib/kernel';
import { OpenRuns } from './open-runs.js';
import { StateCache } from './state-cache.js';
import { KEY, ORG_ID, SourceOfStates } from '../../test/support/source-of-states.js';

function check(state: AuthorisedState): void {
  if (state.assignments.length === 0) throw new ClavigerError('no_provider_key', 'unassigned');
}

async function openRun() {
  const clock = new ManualClock();
  const source = new SourceOfStates(clock);
  const cache = new StateCache(source, clock);
  const runs = new OpenRuns(cache, clock);
  const ended: { code: string; atMs: number }[] = [];
  const end = (error: ClavigerError): void =>
    void ended.push({ code: error.code, atMs: clock.monotonicMs() });
  const state = await cache.get(KEY);
  const close = runs.add({ orgId: ORG_ID, stateKey: KEY, check, end }, state.stampMs);
  /** Lets seconds pass, each with the listener's tick. */
  const live = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds && ended.length === 0; second += 1) {
      clock.advance(1_000);
      await runs.tick();
    }
  };
  return { clock, source, cache, runs, ended, live, close };
}

describe('an open stream', () => {
  it.each([0, 1, 2, 3, 4, 5])(
    'C. ends within 7 s of a revoke that nobody told of, %i s into it',
    async (seconds) => {
      const { clock, source, ended, live } = await openRun();
      await live(seconds);
      const revokedMs = clock.monotonicMs();
      source.revoke();
      await live(20);
      expect(ended.map(({ code }) => code)).toEqual(['no_provider_key']);
      expect(ended[0]!.atMs - revokedMs).toBeLessThanOrEqual(7_000);
    },
  );

  it('C. ends at once when the change is told', async () => {
    const { source, cache, runs, ended } = await openRun();
    source.revoke();
    cache.evict(ORG_ID);
    await runs.recheck(ORG_ID);
    expect(ended.map(({ code }) => code)).toEqual(['no_provider_key']);
  });

  it('goes on while its rights last', async () => {
    const { ended, live } = await openRun();
    await live(60);
    expect(ended).toEqual([]);
  });

  it('C. lives at most 7 s on its last good check when the database is away', async () => {
    const { clock, source, ended, live } = await openRun();
    const lostMs = clock.monotonicMs();
    source.down = true;
    await live(20);
    expect(ended.map(({ code }) => code)).toEqual(['overloaded']);
    expect(ended[0]!.atMs - lostMs).toBeLessThanOrEqual(7_000);
  });

  it('C. does not wait for a query that hangs once it has lived on its last good check for five', async () => {
    const clock = new ManualClock();
    const runs = new OpenRuns({ get: () => new Promise(() => undefined) }, clock);
    const ended: string[] = [];
    const end = (error: ClavigerError): void => void ended.push(error.code);
    runs.add({ orgId: ORG_ID, stateKey: KEY, check, end }, clock.monotonicMs());
    clock.advance(5_990);
    await runs.tick();
    expect(ended).toEqual(['overloaded']);
  });

  it('survives a database that is away for a moment', async () => {
    const { source, ended, live } = await openRun();
    source.down = true;
    await live(4);
    source.down = false;
    await live(10);
    expect(ended).toEqual([]);
  });

  it('is forgotten when it is over', async () => {
    const { source, runs, ended, live, close } = await openRun();
    close();
    source.revoke();
    await live(10);
    expect(ended).toEqual([]);
    expect(runs.size).toBe(0);
  });
});
