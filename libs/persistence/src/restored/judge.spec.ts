import { describe, expect, it } from '@jest/globals';
import { judge, type Evidence, type RestoreFactsOfDatabase } from './judge.js';

/** A database whose epoch n was made at n × 1,000 ms. */
function database(
  newest: number,
  change: Partial<RestoreFactsOfDatabase> & { history?: number } = {},
): RestoreFactsOfDatabase {
  const { history = 1_000, ...rest } = change;
  const epochs = Array.from({ length: newest }, (_, i) => i + 1);
  return {
    newest: newest === 0 ? null : { epoch: newest, atMs: newest * history },
    seen: Object.fromEntries(epochs.map((epoch) => [epoch, epoch * history])),
    acknowledged: null,
    noticed: {},
    ...rest,
  };
}
const seen = (epoch: number) => ({ epoch, atMs: epoch * 1_000 });
const begun = (beganAt: number) => ({ epoch: 0, atMs: null, beganAt });
const remembered = (epoch: number, checkpoints = epoch) => ({ database: seen(epoch), checkpoints });
const none = { file: null, memory: null };

describe('whether the database is the present one', () => {
  it.each<[string, RestoreFactsOfDatabase, Evidence, string]>([
    ['a first start: no checkpoint anywhere', database(0), none, 'present'],
    ['a first start, the file begun', database(0), { file: begun(0), memory: null }, 'present'],
    ['the first epoch, not yet in the file', database(1), { file: begun(0), memory: null }, 'present'],
    [
      'file and memory as far as the database',
      database(9),
      { file: seen(9), memory: remembered(9) },
      'present',
    ],
    ['the file an epoch behind', database(9), { file: seen(8), memory: remembered(8) }, 'present'],
    ['no file is kept, nothing remembered', database(9), { file: undefined, memory: null }, 'present'],
    ['a copy behind the file', database(5), { file: seen(9), memory: null }, 'old_copy'],
    ['an empty database beside a file', database(0), { file: seen(9), memory: null }, 'old_copy'],
    ['a copy, and the file deleted', database(5), { file: null, memory: remembered(9) }, 'old_copy'],
    ['a copy, and a file of its time', database(5), { file: seen(5), memory: remembered(9) }, 'old_copy'],
    [
      'a copy that was signed on past it',
      database(12, { history: 999 }),
      { file: null, memory: remembered(9) },
      'old_copy',
    ],
    ['the same, by the file', database(12, { history: 999 }), { file: seen(9), memory: null }, 'old_copy'],
    [
      'a restore that was noted, and signed over',
      database(12),
      { file: { epoch: 10, atMs: null }, memory: null },
      'old_copy',
    ],
    ['the file deleted', database(9), none, 'no_checkpoints'],
    [
      'the file deleted, the memory not',
      database(9),
      { file: null, memory: remembered(9) },
      'no_checkpoints',
    ],
    ['the file’s first line put back alone', database(9), { file: begun(0), memory: null }, 'no_checkpoints'],
    [
      'the file begun, then an old copy acknowledged',
      database(10, { acknowledged: 9 }),
      { file: begun(2), memory: null },
      'present',
    ],
    [
      'a beginning put back long after an acknowledgement',
      database(14, { acknowledged: 9 }),
      { file: begun(2), memory: null },
      'no_checkpoints',
    ],
    ['the file begun anew by an operator', database(9), { file: begun(9), memory: null }, 'present'],
    [
      'an older file beside the present database',
      database(9),
      { file: seen(5), memory: remembered(9) },
      'older_checkpoints',
    ],
    [
      'what another process noticed',
      database(9, { noticed: { old_copy: 11 } }),
      { file: seen(9), memory: null },
      'noticed',
    ],
    [
      'an acknowledged copy',
      database(10, { acknowledged: 9 }),
      { file: seen(9), memory: remembered(9) },
      'present',
    ],
    [
      'acknowledged less than was seen',
      database(8, { acknowledged: 7 }),
      { file: seen(9), memory: null },
      'old_copy',
    ],
  ])('%s', (_what, facts, evidence, kind) => {
    expect(judge(facts, evidence).kind).toBe(kind);
  });
});
