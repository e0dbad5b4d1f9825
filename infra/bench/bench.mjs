// `npm run bench`: how fast the engine is beside what else there is (PERFORMANCE.md). Builds what changed, brings its peers, measures
// every row in one interleaved run and writes infra/bench/results.   npm run bench [-- --quick] [-- --profile]
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const built = spawnSync(process.execPath, [join(root, 'infra/local/build.mjs'), '--planes'], {
  cwd: root,
  stdio: 'inherit',
});
if (built.status !== 0) process.exit(built.status ?? 1);
bringPeers();
// The KMS is a fake on this machine: no credentials of whoever runs this come near it.
process.env.AWS_ACCESS_KEY_ID = 'AKIDBENCH';
process.env.AWS_SECRET_ACCESS_KEY = 'bench';
delete process.env.AWS_SESSION_TOKEN;
await import(join(root, 'dist/infra/bench/main.js'));

/** What we are measured beside, by its own lockfile; without the registry its rows say that it was not reached. */
function bringPeers() {
  const lock = readFileSync(join(here, 'package-lock.json'), 'utf8');
  const stamp = join(here, 'node_modules/.installed-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('Installing the peers (npm ci in infra/bench) …');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = spawnSync('npm', args, { cwd: here, stdio: 'inherit', shell: process.platform === 'win32' });
  if (npm.status === 0) writeFileSync(stamp, lock);
  else console.log('The peers could not be installed: their rows will say so.');
}
