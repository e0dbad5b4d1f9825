// `npm test`: builds what changed, runs every suite, and ends with `N passed, N failed`, summed from what Jest itself
// wrote down. A skipped, focused or empty test is a failure: a suite that did not run proves nothing.
//   npm test [-- <path pattern> …]   runs only the files that match
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const results = join(root, 'dist/test-results');
const PASSES = [
  { name: 'unit and integration', match: ['**/*.spec.ts', '**/*.int-spec.ts'] },
  // Whole processes and browsers: after the others, so that those tell first what is wrong.
  { name: 'end to end', match: ['**/*.e2e-spec.ts'] },
];
/** Small machines have two cores; more files at once would starve what measures time. */
const WORKERS = 2;

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

function runPass({ name, match }) {
  console.log(`\n── ${name} ──`);
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
    `--maxWorkers=${WORKERS}`,
    ...(patterns.length > 0 ? ['--testPathPatterns', ...patterns] : []),
  ];
  const env = {
    ...process.env,
    NODE_ENV: 'test',
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  };
  const run = spawnSync(process.execPath, [...jest, ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (!existsSync(file))
    return { passed: 0, failed: 1, faults: [`${name}: Jest wrote no result (exit code ${run.status})`] };
  return tally(name, JSON.parse(readFileSync(file, 'utf8')), run.status);
}

/** Reads Jest's own result. A file that could not be run at all counts as one failure. */
function tally(name, result, status) {
  const unfinished = result.numPendingTests + result.numTodoTests;
  const faults = [];
  if (unfinished > 0) faults.push(`${name}: ${unfinished} tests were skipped, focused away or left to do`);
  if (result.numTotalTests === 0 && patterns.length === 0) faults.push(`${name}: no test was found`);
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  if (status !== 0 && failed === 0) faults.push(`${name}: Jest ended with ${status} though no test failed`);
  for (const suite of result.testResults.filter(({ status: outcome }) => outcome === 'failed'))
    console.log(`failed: ${suite.name}`);
  return { passed: result.numPassedTests, failed, faults };
}

function end({ passed, failed, faults }) {
  for (const fault of faults) console.log(fault);
  console.log(`\n${passed} passed, ${failed + faults.length} failed`);
  process.exit(failed + faults.length === 0 ? 0 : 1);
}
