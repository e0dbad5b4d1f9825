// `npm test`: builds what changed, runs every suite, and ends with `N passed, N failed`, summed from what Jest itself
// wrote down. A skipped, focused or empty test is a failure: a suite that did not run proves nothing.
// An end-to-end suite that failed beside another one is run once more, alone, and that counts; both are told.
//   npm test [-- <path pattern> …]   runs only the files that match
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const results = join(root, 'dist/test-results');
const PASSES = [
  { name: 'unit and integration', match: ['**/*.spec.ts', '**/*.int-spec.ts'] },
  // Whole processes and browsers: after the others, so that those tell first what is wrong. They keep time against
  // each other, and a machine of two busy cores may starve one: what fails is judged alone.
  { name: 'end to end', match: ['**/*.e2e-spec.ts'], again: true },
];
/** More failed suites than this are no matter of load. */
const SUITES_AGAIN = 4;
/** Small machines have two cores; more files at once would starve what measures time. */
const WORKERS = 2;
/** Each file's modules stay in its worker's memory; one with more than this is replaced between files. */
const WORKER_MEMORY = '1.5GB';

const patterns = process.argv.slice(2);
const built = spawnSync(process.execPath, [join(root, 'infra/local/build.mjs')], {
  cwd: root,
  stdio: 'inherit',
});
if (built.status !== 0) end({ passed: 0, failed: 1, faults: ['the build failed'] });

rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
end(
  PASSES.map(runPass).reduce((a, b) => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    faults: [...a.faults, ...b.faults],
  })),
);

function runPass({ name, match, again = false }) {
  console.log(`\n── ${name} ──`);
  const first = runJest(name, match, [
    `--maxWorkers=${WORKERS}`,
    `--workerIdleMemoryLimit=${WORKER_MEMORY}`,
    ...only(patterns),
  ]);
  const failed = first.suites.filter(hasFailed);
  for (const suite of failed) console.log(`failed: ${suite.name}`);
  if (!again || failed.length === 0 || failed.length > SUITES_AGAIN) return tally(name, [first]);

  console.log(`\n── ${name}: ${failed.length} failed, once more and alone ──`);
  const paths = failed.map((suite) => suite.name);
  const second = runJest(`${name} again`, match, ['--runInBand', '--runTestsByPath', ...paths]);
  for (const suite of second.suites)
    console.log(`${hasFailed(suite) ? 'failed again' : 'unsteady: passes alone'}: ${suite.name}`);
  return tally(name, [
    { ...first, suites: first.suites.filter((suite) => !hasFailed(suite)), status: 0 },
    second,
  ]);
}

function only(paths) {
  return paths.length > 0 ? ['--testPathPatterns', ...paths] : [];
}

function hasFailed({ status }) {
  return status === 'failed';
}

/** Runs Jest; answers what it wrote of each suite, null where it wrote nothing, and its exit code. */
function runJest(name, match, options) {
  const file = join(results, `${name.replaceAll(' ', '-')}.json`);
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
  ];
  const args = [
    ...['--ci', '--json', `--outputFile=${file}`, '--passWithNoTests', '--forceExit'],
    ...match.flatMap((glob) => ['--testMatch', glob]),
    ...['/node_modules/', '<rootDir>/dist/', '/fixtures/', '/\\.next/'].flatMap((path) => [
      '--testPathIgnorePatterns',
      path,
    ]),
    ...options,
  ];
  const env = {
    ...process.env,
    NODE_ENV: 'test',
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  };
  const { status } = spawnSync(process.execPath, [...jest, ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (!existsSync(file)) return { suites: [], status, fault: `Jest wrote no result (exit code ${status})` };
  return { suites: JSON.parse(readFileSync(file, 'utf8')).testResults, status };
}

/** Counts the tests of the runs. A suite that could not be run at all counts as one failure. */
function tally(name, runs) {
  const suites = runs.flatMap((run) => run.suites);
  const tests = suites.flatMap((suite) => suite.assertionResults);
  const of = (...states) => tests.filter(({ status }) => states.includes(status)).length;
  const broken = suites.filter((suite) => hasFailed(suite) && !suite.assertionResults.some(hasFailed)).length;
  const unfinished = tests.length - of('passed', 'failed');
  const failed = of('failed') + broken;
  const faults = runs.flatMap(({ fault }) => (fault ? [`${name}: ${fault}`] : []));
  if (unfinished > 0) faults.push(`${name}: ${unfinished} tests were skipped, focused away or left to do`);
  if (tests.length === 0 && patterns.length === 0) faults.push(`${name}: no test was found`);
  const status = runs.map((run) => run.status).find((code) => code !== 0);
  if (status !== undefined && failed + faults.length === 0)
    faults.push(`${name}: Jest ended with ${status} though no test failed`);
  return { passed: of('passed'), failed, faults };
}

function end({ passed, failed, faults }) {
  for (const fault of faults) console.log(fault);
  console.log(`\n${passed} passed, ${failed + faults.length} failed`);
  process.exit(failed + faults.length === 0 ? 0 : 1);
}
