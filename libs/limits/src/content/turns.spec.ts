import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostileText } from '#lib/testing';
import {
  compileRules,
  inspectAgent,
  inspectValue,
  Turns,
  type CompiledRules,
  type ContentRule,
} from './index.js';

function compiled(...rules: ContentRule[]): CompiledRules {
  const ready = compileRules(rules);
  if ('faults' in ready) throw new Error(JSON.stringify(ready.faults));
  return ready;
}

const pii: ContentRule = { type: 'pii', on: 'both', action: 'detect' };
const pattern = (text: string): ContentRule => ({
  type: 'pattern',
  pattern: text,
  on: 'both',
  action: 'redact',
});
const MB = 1_048_576;

/**
 * The most that this process worked, in milliseconds, between two turns of its event loop: the time that everybody else waits, without
 * that which other programs take from it.
 */
async function stallOf(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let isDone = false;
  let before = process.cpuUsage();
  const turn = (): void => {
    const { user } = process.cpuUsage(before);
    longest = Math.max(longest, user / 1_000);
    before = process.cpuUsage();
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  turn();
  isDone = true;
  return longest;
}

/** A share is 8 ms and a part beyond it; the rest is for compilers, collectors and slow machines. At once, these texts take ten times that. */
const LONGEST_STALL_MS = 80;

describe('#46 #48 a text of any size lets everybody else go on', () => {
  it.each(['numbers apart', 'digits apart', 'beginnings of tokens', 'json'])('4 MB of %s', async (name) => {
    const rules = compiled(pii);
    const prompt = hostileText(name, 4 * MB);
    expect(await stallOf(() => inspectAgent(rules, { prompt }))).toBeLessThan(LONGEST_STALL_MS);
  });

  it('several calls at once', async () => {
    const rules = compiled(pii);
    const prompt = hostileText('digits apart', MB);
    const all = (): Promise<unknown> =>
      Promise.all(Array.from({ length: 4 }, () => inspectAgent(rules, { prompt })));
    expect(await stallOf(all)).toBeLessThan(LONGEST_STALL_MS);
  });

  it('many small texts in one value', async () => {
    const rules = compiled(pii);
    const value = Array.from({ length: 60_000 }, (_, index) => ({ n: index }));
    expect(await stallOf(() => inspectValue(rules, value, 'input'))).toBeLessThan(LONGEST_STALL_MS);
  });

  it.each([
    ['matches that each look to the end', 'a.*z|a', 'a'],
    ['a line without an end', 'a.*z', 'a'],
    ['any text', '(?s)a.*z', 'a\n'],
    ['a large program', '(?:a{0,300}b|a{0,300}c)', 'a'],
    ['many instructions for each unit', '(?:[ab]{0,500}[bc]{0,400}){1}z', 'ab'],
    ['words without an end', '[a-z]+x+1', 'a'],
    ['a plain pattern', 'proj-\\d+', 'proj-'],
  ])('patterns: %s', async (_, text, unit) => {
    const rules = compiled(pattern(text));
    const prompt = `${unit.repeat(MB / unit.length)}\nz c x1`;
    expect(await stallOf(() => inspectAgent(rules, { prompt }))).toBeLessThan(LONGEST_STALL_MS);
  });
});

describe('#46 the time of a process is shared by all that reads', () => {
  let now = 0;
  let turns = new Turns();
  beforeEach(() => {
    now = 0;
    turns = new Turns(() => now);
  });
  afterEach(() => new Promise((resolve) => setImmediate(resolve)));

  /** Reads so many parts of 3 ms each, and says so. */
  function* reading(name: string, parts: number, said: string[]): Generator<void, string> {
    for (let part = 1; part <= parts; part += 1) {
      now += 3;
      said.push(name + String(part));
      yield;
    }
    return name;
  }

  it('one reader in each turn of the event loop, one after the other', async () => {
    const said: string[] = [];
    const tick = (): void => {
      said.push('|');
      if (said.length < 60) setImmediate(tick);
    };
    setImmediate(tick);
    const ends = await Promise.all([turns.run(reading('a', 7, said)), turns.run(reading('b', 4, said))]);
    expect(ends).toEqual(['a', 'b']);
    const shares = said
      .join('')
      .split('|')
      .filter((share) => share !== '');
    expect(shares).toEqual(['a1a2a3', 'a4a5a6', 'b1b2b3', 'a7', 'b4']);
  });

  it('what fits into a share does not wait', async () => {
    let waited = false;
    setImmediate(() => (waited = true));
    await turns.run(reading('a', 2, []));
    expect(waited).toBe(false);
  });

  it('a reader that fails fails alone', async () => {
    const failing = function* (): Generator<void, string> {
      yield;
      throw new Error('not readable');
    };
    const [first, second] = await Promise.allSettled([turns.run(failing()), turns.run(reading('b', 5, []))]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
  });
});
