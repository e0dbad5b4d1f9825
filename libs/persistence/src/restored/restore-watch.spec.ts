import { beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '#lib/telemetry';
import type { RememberedEpochs, RestoreFactsOfDatabase } from './judge.js';
import { RestoreWatch } from './restore-watch.js';

const log = createLogger({ process: 'engine', level: 'silent' });

/** A database that answers when it is told to. */
class SlowStore {
  readonly asked: ((newest: number) => void)[] = [];
  readonly noted: [string, number][] = [];

  facts(): Promise<RestoreFactsOfDatabase> {
    return new Promise((resolve) => {
      this.asked.push((epoch) =>
        resolve({
          newest: { epoch, atMs: epoch },
          seen: Object.fromEntries(Array.from({ length: epoch }, (_, i) => [i + 1, i + 1])),
          acknowledged: null,
          noticed: {},
        }),
      );
    });
  }

  async note(cause: string, outside: number): Promise<void> {
    this.noted.push([cause, outside]);
  }
}

describe('the watch for a restored database', () => {
  let store: SlowStore;
  let kept: RememberedEpochs | null;
  let watch: RestoreWatch;
  const file = { epoch: 5, atMs: 5 };

  beforeEach(() => {
    store = new SlowStore();
    kept = null;
    const memory = {
      recall: async () => kept,
      remember: async (epochs: RememberedEpochs) => void (kept = epochs),
    };
    watch = new RestoreWatch(store, { checkpoints: { read: async () => file }, memory, tells: true }, log);
  });
  const asked = async (count: number) => {
    while (store.asked.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  const answer = async (newest: number) => {
    const compared = watch.compare();
    await asked(1);
    store.asked.shift()?.(newest);
    await compared;
  };

  it('compares one at a time: an answer that hangs is waited for, never overtaken by an older one', async () => {
    const all = [watch.compare(), watch.compare(), watch.compare()];
    await asked(1);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(store.asked.length).toBe(1);
    store.asked.shift()?.(4);
    await Promise.all(all);
    expect(watch.refused).toBe(true);
    await answer(5);
    expect(watch.refused).toBe(false);
  });

  it('refuses before it has compared, and says what it saw to the others', async () => {
    expect(() => watch.assertCurrent()).toThrow(/could not be checked yet/);
    await answer(4);
    expect(() => watch.assertCurrent()).toThrow(/acknowledge-restore/);
    expect(store.noted).toEqual([['old_copy', 5]]);
    expect(kept).toBeNull();
  });

  it('remembers only what it took for the present database', async () => {
    await answer(7);
    expect(kept).toEqual({ database: { epoch: 7, atMs: 7 }, checkpoints: 5 });
    await answer(6);
    expect(watch.refused).toBe(true);
    expect(kept).toMatchObject({ database: { epoch: 7 } });
  });

  it('tells its listeners of each change, and at once how it stands', async () => {
    const told: boolean[] = [];
    const end = watch.onChange((refused) => told.push(refused));
    for (const newest of [7, 7, 6, 6, 7]) await answer(newest);
    end();
    await answer(6);
    expect(told).toEqual([true, false, true, false]);
  });
});
