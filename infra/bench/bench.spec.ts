import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BARS, exitCode, verdictOf, type Found } from './figures/bars.js';
import { figuresOf } from './figures/figures.js';
import { withTable } from './figures/readme.js';
import { median, Samples } from './figures/stats.js';
import { figuresTable } from './figures/table.js';
import { sharesOf } from './profile/shares.js';
import { coresIn } from './stage/cores.js';
import { QueryCounter } from './stage/query-counter.js';

const ROOT = join(import.meta.dirname, '../..');
const bar = (id: string) => BARS.find((one) => one.id === id)!;
const around = { cores: 2, isPinned: true, memory: [], portkey: null };

describe('figures of the bench', () => {
  it('medians: the middle, or the mean of the two in the middle', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7]);
    expect(median([])).toBeNaN();
  });

  it('ratios are those of the rounds: what slows one round down slows both sides of it down', () => {
    const samples = new Samples();
    [100, 10, 80].forEach((value) => samples.add('rps', 'bare', value));
    [60, 6, 56].forEach((value) => samples.add('rps', 'engine', value));
    expect(samples.ratio('rps', 'engine', 'bare')).toBeCloseTo(0.6);
    [1, 1].forEach((value) => samples.add('ms', 'direct', value));
    [2, 3].forEach((value) => samples.add('ms', 'bare', value));
    [3, 4].forEach((value) => samples.add('ms', 'engine', value));
    expect(samples.addedRatio('ms', 'engine', 'bare', 'direct')).toBeCloseTo(1.75);
    expect(samples.ratio('rps', 'engine', 'nobody')).toBeNull();
  });

  it('a bar is reached at its very value, on the side that is better', () => {
    expect([0.75, 0.6, 0.59].map((value) => verdictOf(bar('throughput'), { value }))).toEqual([
      ...['stretch', 'reached', 'missed'],
    ]);
    expect([1.3, 1.5, 1.51].map((value) => verdictOf(bar('cpuPerRequest'), { value }))).toEqual([
      ...['stretch', 'reached', 'missed'],
    ]);
  });

  it('the exit code is 0 only where every bar is reached; what was not measured was not', () => {
    expect(exitCode(['stretch', 'reached', 'no bar here'])).toBe(0);
    expect(exitCode(['stretch', 'missed'])).toBe(1);
    expect(exitCode([verdictOf(bar('throughputToPortkey'), { value: null })])).toBe(1);
    expect(exitCode([verdictOf(bar('throughput'), { value: Number.NaN })])).toBe(1);
  });

  it('a run that measured nothing reaches nothing, and says why Portkey is not there', () => {
    const found = figuresOf(new Samples(), { ...around, portkey: 'no registry' });
    const verdicts = BARS.map((one) => verdictOf(one, found[one.id]!));
    expect(new Set(verdicts)).toEqual(new Set(['not measured', 'no bar here']));
    expect(figuresTable(found)).toContain('not reached: no registry');
  });

  it('every figure has a bar, and every bar a figure', () => {
    expect(Object.keys(figuresOf(new Samples(), around)).sort()).toEqual(BARS.map(({ id }) => id).sort());
  });

  it('README.md shows the committed result, as it is', () => {
    const results = join(ROOT, 'infra/bench/results');
    // A quick run stands in until there is a whole one.
    const name = existsSync(join(results, 'bench.json')) ? 'bench.json' : 'quick.json';
    const { figures } = JSON.parse(readFileSync(join(results, name), 'utf8')) as {
      figures: Record<string, Found>;
    };
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    expect(withTable(readme, figuresTable(figures))).toBe(readme);
  });
});

describe('what the bench reads', () => {
  it('cores as taskset lists them', () => {
    expect([coresIn('0,1'), coresIn('0-2,5'), coresIn('')]).toEqual([['0', '1'], ['0', '1', '2', '5'], []]);
  });

  it('a profile: time by where it was spent, the idle time left out', () => {
    const frame = (functionName: string) => ({ functionName, url: '', lineNumber: 0 });
    const nodes = ['(idle)', 'a', 'b'].map((name, at) => ({ id: at + 1, callFrame: frame(name) }));
    const profile = { nodes, samples: [1, 2, 3, 3], timeDeltas: [100, 1, 1, 2] };
    const shares = sharesOf(profile, ({ functionName }) => functionName);
    expect(shares).toEqual([
      { where: 'b', share: 0.75 },
      { where: 'a', share: 0.25 },
    ]);
  });

  it('the statements of a database client, however their bytes are cut', () => {
    const counter = new QueryCounter();
    const message = (type: string, body: string) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(4 + body.length);
      return Buffer.concat([Buffer.from(type), length, Buffer.from(body, 'latin1')]);
    };
    const said = Buffer.concat([
      message('', '\0\x03\0\0user\0me\0\0'),
      message('P', 's1\0SELECT state\0\0\0'),
      ...[1, 2].flatMap(() => [message('B', '\0s1\0\0\0\0\0\0\0'), message('E', '\0\0\0\0\0')]),
      message('Q', 'BEGIN\0'),
    ]);
    const listen = counter.listener();
    for (const byte of said) listen(Buffer.of(byte));
    expect([counter.count('state'), counter.count('BEGIN'), counter.count()]).toEqual([2, 1, 3]);
  });
});
