import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machineClass } from '../prove/machine.js';
import { figuresOf } from './figures/figures.js';
import { exitCodeOf, reportText, type Report } from './figures/report.js';
import { withTable } from './figures/readme.js';
import { rounded, Samples } from './figures/stats.js';
import { figuresTable } from './figures/table.js';
import { profileTables } from './profile/profile.js';
import { coldMisses, stampede } from './rows/cold.js';
import { memoryPerStream, type PerStream } from './rows/memory.js';
import { FULL, QUICK } from './rows/plan.js';
import { twoProcesses } from './rows/processes.js';
import { measureRounds, repeating, warm } from './rows/rounds.js';
import { warmPath } from './rows/warm.js';
import { ROOT } from './stage/contender.js';
import { takeCores } from './stage/cores.js';
import { Stage } from './stage/stage.js';

const RESULTS = join(ROOT, 'infra/bench/results');
const PEER = 'infra/bench/node_modules/@portkey-ai/gateway/package.json';
const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, profile: { type: 'boolean', default: false } },
});
const plan = values.quick ? QUICK : FULL;
const tell = (line: string): void => console.log(line);

/** Measures everything, one row after the other. */
async function measure(stage: Stage): Promise<Report> {
  const startedAt = new Date();
  const [loadBefore = 0] = loadavg();
  const samples = new Samples();
  const machine = machineClass();
  tell('warming up …');
  await warm(stage, plan);
  await measureRounds(stage, plan, samples, tell);
  const memory: PerStream[] = [];
  for (let round = 1; round <= plan.rounds; round += 1) {
    tell(`cold and warm, round ${round} of ${plan.rounds} …`);
    await repeating(stage, 'cold misses', () => coldMisses(stage, plan, samples));
    await repeating(stage, 'the warm path', () => warmPath(stage, samples));
    if (round <= plan.stampedes) await repeating(stage, 'the stampede', () => stampede(stage, samples));
    if (round > plan.memoryRounds) continue;
    await repeating(stage, 'open streams', async () => {
      memory.push(await memoryPerStream(stage, plan.streams));
    });
  }
  tell('two processes …');
  await repeating(stage, 'two processes', () => twoProcesses(stage, plan, samples));
  const { count, isPinned } = stage.cores;
  const portkey = stage.missing.get('portkey') ?? null;
  const report: Report = {
    ...{ isQuick: values.quick, commit: commitOf(), startedAt: startedAt.toISOString() },
    seconds: Math.round((Date.now() - startedAt.getTime()) / 1_000),
    machine: { ...machine, cores: count },
    ...{ isPinned, loadBefore: rounded(loadBefore), versions: versions(), rounds: plan.rounds },
    repeated: stage.repeated,
    figures: figuresOf(samples, { cores: count, isPinned, memory, portkey }),
    samples: samples.all(),
  };
  const text = reportText(report, samples);
  console.log(`\n${text}`);
  const name = values.quick ? 'quick' : 'bench';
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(RESULTS, `${name}.md`), `${text}\n`);
  if (!values.quick) {
    const readme = join(ROOT, 'README.md');
    writeFileSync(readme, withTable(readFileSync(readme, 'utf8'), figuresTable(report.figures)));
  }
  return report;
}

function versions(): Record<string, string> {
  const versionOf = (path: string): string => {
    try {
      return (JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as { version: string }).version;
    } catch {
      return 'not installed';
    }
  };
  return {
    claviger: versionOf('package.json'),
    undici: versionOf('node_modules/undici/package.json'),
    '@prisma/client': versionOf('node_modules/@prisma/client/package.json'),
    '@portkey-ai/gateway': versionOf(PEER),
  };
}

/** With a plus where the tree differs from it; null without a repository. */
function commitOf(): string | null {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
    const isChanged = git('status', '--porcelain', '--', ':!infra/bench/results') !== '';
    return `${git('rev-parse', 'HEAD')}${isChanged ? '+' : ''}`;
  } catch {
    return null;
  }
}

const cold = plan.rounds * plan.coldCalls * 2 + plan.stampedes * 3;
const stage = await Stage.start(takeCores(), values.profile ? 0 : cold, tell);
let code = 1;
try {
  if (values.profile) {
    await warm(stage, plan);
    console.log(await profileTables(stage));
    code = 0;
  } else code = exitCodeOf(await measure(stage));
} finally {
  await stage.stop();
}
process.exit(code);
