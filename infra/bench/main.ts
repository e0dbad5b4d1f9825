import { parseArgs } from 'node:util';
import { BARS, exitCode, verdictOf, type Found } from './figures/bars.js';
import { Samples } from './figures/stats.js';
import { figuresTable } from './figures/table.js';
import { profileTables } from './profile/profile.js';
import { FULL, QUICK } from './rows/plan.js';
import { measureRounds, warm } from './rows/rounds.js';
import { takeCores } from './stage/cores.js';
import { Stage } from './stage/stage.js';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
});
const plan = values.quick ? QUICK : FULL;
const tell = (line: string): void => console.log(line);
const cores = takeCores();
const samples = new Samples();
const stage = await Stage.start(cores, 1, tell);
const found: Record<string, Found> = {};
try {
  await warm(stage, plan);
  if (values.profile) {
    console.log(await profileTables(stage));
    await stage.stop();
    process.exit(0);
  }
  await measureRounds(stage, plan, samples, tell);
  console.log(samples.all());
  found['throughput'] = { value: samples.ratio('rps 1 KB', 'engine', 'bare') };
  found['cpuPerRequest'] = { value: samples.ratio('CPU µs 1 KB', 'engine', 'bare') };
  found['throughputToNaive'] = { value: samples.ratio('rps 1 KB', 'engine', 'naive') };
  found['throughputToPortkey'] = { value: samples.ratio('rps 1 KB', 'engine', 'portkey') };
  found['addedP50'] = { value: samples.addedRatio('p50 ms at 300 rps', 'engine', 'bare', 'direct') };
  found['addedP50ToPortkey'] = {
    value: samples.addedRatio('p50 ms at 300 rps', 'engine', 'portkey', 'direct'),
  };
  found['firstByte'] = { value: samples.addedRatio('first byte ms', 'engine', 'bare', 'direct') };
  found['cpuPerChunk'] = { value: samples.ratio('CPU µs per chunk', 'engine', 'bare') };
  found['largeBody'] = { value: samples.ratio('rps 64 KB', 'engine', 'bare') };
  console.log(stage.missing);
} finally {
  await stage.stop();
}
console.log(figuresTable(found));
process.exit(exitCode(BARS.map((bar) => verdictOf(bar, found[bar.id] ?? { value: null }))));
