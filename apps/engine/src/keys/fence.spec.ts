import { describe, expect, it } from '@jest/globals';
import { ClavigerError, type AuthorisedState, type StateKey } from '#lib/contracts';
import { ManualClock } from '#lib/kernel';
import { fence } from './fence.js';
import { FENCE_MS, StateCache } from './state-cache.js';
import { KEY, ORG_ID, SourceOfStates } from '../../test/support/source-of-states.js';

const revoked = (): ClavigerError => new ClavigerError('no_provider_key', 'unassigned');

/** A gate check that follows what the state says, like the real ones. */
function check(state: AuthorisedState): void {
  if (state.assignments.length === 0) throw revoked();
}

/** Sends when the fence lets it, as the dialer does: a promise is awaited and the fence asked again. */
async function send(beforeSend: () => void | Promise<void>): Promise<'sent'> {
  for (let wait = beforeSend(); wait; wait = beforeSend()) await wait;
  return 'sent';
}

function stage() {
  const clock = new ManualClock();
  const source = new SourceOfStates(clock);
  const cache = new StateCache(source, clock);
  return { clock, source, cache, beforeSend: fence(cache, KEY, check) };
}

describe('the fence', () => {
  it('C. is the two seconds that are promised', () => {
    expect(FENCE_MS).toBe(2_000);
  });

  it('C. sends at once, without a query, on a state of at most two seconds', async () => {
    const { clock, source, cache, beforeSend } = stage();
    await cache.get(KEY);
    clock.advance(FENCE_MS);
    expect(beforeSend()).toBeUndefined();
    expect(source.reads).toBe(1);
  });

  it('C. sends nothing on a state at hand that no longer allows it, however young it is', async () => {
    const { clock, source, cache, beforeSend } = stage();
    await cache.get(KEY);
    source.revoke();
    clock.advance(1_000);
    await cache.refreshHot();
    clock.advance(FENCE_MS);
    expect(beforeSend).toThrow(expect.objectContaining({ code: 'no_provider_key' }));
    expect(source.reads).toBe(2);
  });

  it('C. reads again before sending on an older one, and sends nothing when it was revoked, though nobody told', async () => {
    const { clock, source, cache, beforeSend } = stage();
    await cache.get(KEY);
    source.revoke();
    clock.advance(FENCE_MS + 1);
    await expect(send(beforeSend)).rejects.toMatchObject({ code: 'no_provider_key' });
    expect(source.reads).toBe(2);
  });

  it('C. control: without the fence the same send leaves on the revoked state', async () => {
    const { clock, source, cache } = stage();
    const remembered = await cache.get(KEY);
    source.revoke();
    clock.advance(FENCE_MS + 60_000);
    const unfenced = (): void => check(remembered);
    await expect(send(unfenced)).resolves.toBe('sent');
  });

  it('C. counts the age from before the query: a slow answer is asked for again instead of believed', async () => {
    const { clock, source, beforeSend } = stage();
    source.onRead = () => {
      if (source.reads === 1) clock.advance(FENCE_MS + 1);
    };
    await expect(send(beforeSend)).resolves.toBe('sent');
    expect(source.reads).toBe(2);
  });

  it('C. says what is wrong when the caller itself is gone, instead of asking for ever', async () => {
    const { clock, source, cache } = stage();
    await cache.get(KEY);
    clock.advance(FENCE_MS + 1);
    source.unknown = true;
    const gone = (state: AuthorisedState): void => {
      if (!state.principal) throw new ClavigerError('unauthenticated', 'gone');
    };
    await expect(send(fence(cache, KEY, gone))).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('C. refuses while the database does not answer, whatever was true before', async () => {
    const { clock, source, cache, beforeSend } = stage();
    await cache.get(KEY);
    clock.advance(FENCE_MS + 1);
    source.down = true;
    await expect(send(beforeSend)).rejects.toMatchObject({ code: 'overloaded' });
  });

  it('C. gives up when no answer ever comes back fresh enough', async () => {
    const { clock, source, beforeSend } = stage();
    source.onRead = () => clock.advance(FENCE_MS + 1);
    await expect(send(beforeSend)).rejects.toMatchObject({ code: 'overloaded' });
  });
});

describe('what the cache remembers', () => {
  it('a notification makes the next question ask the database at once', async () => {
    const { source, cache, beforeSend } = stage();
    await cache.get(KEY);
    source.revoke();
    cache.evict(ORG_ID);
    await expect(send(beforeSend)).rejects.toMatchObject({ code: 'no_provider_key' });
  });

  it('a read that was under way when the notification came is not believed', async () => {
    const { clock, source, cache } = stage();
    source.hold();
    const asked = cache.get(KEY);
    clock.advance(1);
    cache.evict(ORG_ID);
    source.release();
    clock.advance(1);
    source.revoke();
    expect((await asked).assignments).toEqual([]);
    expect(source.reads).toBe(2);
  });

  it('another organization’s notification does not disturb a read under way, though it is not known yet whose it is', async () => {
    const { source, cache } = stage();
    source.onRead = () => queueMicrotask(() => cache.evict('org_2'));
    await cache.get(KEY);
    await cache.get(KEY);
    expect(source.reads).toBe(1);
  });

  it.each(['read', 'fence'])(
    'changes of its own organization that come faster than reads refuse nobody (%s)',
    async (asker) => {
      const { source, cache, beforeSend } = stage();
      source.onRead = () => queueMicrotask(() => cache.evict(ORG_ID));
      await expect(asker === 'read' ? cache.get(KEY, 0) : send(beforeSend)).resolves.toBeDefined();
      expect(source.reads).toBe(3);
    },
  );

  it('another organization’s notification costs nothing', async () => {
    const { source, cache } = stage();
    await cache.get(KEY);
    cache.evict('org_2');
    await cache.get(KEY);
    expect(source.reads).toBe(1);
  });

  it('a hundred cold questions are one query', async () => {
    const { source, cache } = stage();
    await Promise.all(Array.from({ length: 100 }, () => cache.get(KEY)));
    expect(source.reads).toBe(1);
  });

  it('what nothing answers to is not remembered', async () => {
    const { source, cache } = stage();
    source.unknown = true;
    await cache.get(KEY);
    source.unknown = false;
    expect((await cache.get(KEY)).principal).not.toBeNull();
  });

  it('hot entries are read again in one batch, so that a warm call waits for nothing', async () => {
    const { clock, source, cache } = stage();
    const keys = Array.from({ length: 3 }, (_, index): StateKey => ({ ...KEY, workspaceId: `ws_${index}` }));
    for (const key of keys) await cache.get(key);
    source.reads = 0;
    for (let second = 0; second < 4; second += 1) {
      clock.advance(1_000);
      await cache.refreshHot();
    }
    expect(source.reads).toBe(4);
    expect(keys.every((key) => cache.peek(key) !== undefined)).toBe(true);
  });

  it('an entry that nobody used for a while is left to grow cold', async () => {
    const { clock, source, cache } = stage();
    await cache.get(KEY);
    clock.advance(5_001);
    await cache.refreshHot();
    expect(source.reads).toBe(1);
  });
});
