// `npm run check`: everything that can be said of the code without running it. Every check runs, whatever failed before;
// after the build, which others read, two at a time.
//   npm run check [-- <name> …]   runs only the named ones
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const PATHS = [dirname(process.execPath), join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
const bin = (name, ...args) => [join(root, 'node_modules/.bin', name), args];
const script = (path, ...args) => [process.execPath, [join(root, path), ...args]];
const formatted = '{apps,libs,infra,prisma}/**/*.{ts,tsx,mjs,css,yml,yaml}';

const CHECKS = [
  { name: 'build', command: script('infra/local/build.mjs', '--planes') },
  {
    name: 'types',
    command: bin('tsc', '--noEmit', '--incremental', '--tsBuildInfoFile', 'dist/check.tsbuildinfo'),
  },
  {
    name: 'web types',
    command: bin('tsc', '--noEmit', '-p', 'apps/web/tsconfig.json'),
    needs: 'apps/web/tsconfig.json',
  },
  // The SDK's own step of the build compiles it without Node's types; these hold the examples to the types that are published.
  { name: 'example types', command: bin('tsc', '--noEmit', '-p', 'infra/examples/tsconfig.json') },
  {
    name: 'lint',
    command: bin(
      'eslint',
      '-c',
      'infra/tooling/eslint.config.mjs',
      '--cache',
      '--cache-location',
      'dist/.eslintcache',
      '.',
    ),
  },
  {
    name: 'layers',
    command: bin(
      'depcruise',
      '--config',
      'infra/tooling/layers.mjs',
      '--ts-config',
      'tsconfig.json',
      'apps',
      'libs',
      'infra',
      'prisma',
    ),
  },
  {
    name: 'format',
    command: bin(
      'prettier',
      '--check',
      '--log-level',
      'warn',
      '--ignore-path',
      'infra/tooling/prettierignore',
      formatted,
    ),
  },
  { name: 'sizes', command: script('infra/tooling/sizes.mjs') },
  { name: 'OpenAPI drift', command: script('infra/tooling/openapi.mjs', '--check') },
];

const AT_ONCE = 2;

const asked = process.argv.slice(2);
const failed = [];
const [build, ...others] = CHECKS.filter(
  ({ name, needs }) =>
    (asked.length === 0 || asked.includes(name)) && (!needs || existsSync(join(root, needs))),
);
if (build) await run(build);
await Promise.all(Array.from({ length: AT_ONCE }, runOthers));
console.log(failed.length === 0 ? 'check: all green' : `check: failed: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);

async function runOthers() {
  for (let check = others.shift(); check; check = others.shift()) await run(check);
}

function run({ name, command: [file, args] }) {
  const started = performance.now();
  const options = { cwd: root, maxBuffer: 1 << 28, env: { ...process.env, PATH: PATHS } };
  return new Promise((done) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${error ? 'FAILED' : 'ok    '} ${name} (${seconds} s)`);
      if (error) {
        failed.push(name);
        console.log(`${stdout}${stderr}${stdout || stderr ? '' : error.message}`);
      }
      done();
    });
  });
}
