// The first file that runs on a fresh checkout: plain JavaScript for Node >= 20 with nothing installed.
// It installs what is missing, moves to the Node of package-lock.json (24.x), and runs the command that was asked for.
//   node infra/local/bootstrap.mjs start|test|check|build|generate|dev|prove|bench|audit|backup|restore|new-master-key [arguments]
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const WANTED_MAJOR = 24;
const COMMANDS = {
  start: 'infra/local/start.mjs',
  dev: 'infra/local/start.mjs',
  test: 'infra/local/test.mjs',
  check: 'infra/tooling/check.mjs',
  build: 'infra/local/build.mjs',
  generate: 'infra/local/generate.mjs',
  audit: 'infra/local/audit.mjs',
  backup: 'infra/local/backup.mjs',
  restore: 'infra/local/restore.mjs',
  'new-master-key': 'infra/local/new-master-key.mjs',
  prove: 'infra/prove/prove.mjs',
  bench: 'infra/bench/bench.mjs',
};

const [command = '', ...rest] = process.argv.slice(2);
const script = COMMANDS[command];
if (!script) fail(`Unknown command "${command}". One of: ${Object.keys(COMMANDS).join(', ')}.`);
if (major(process.version) < 20)
  fail(`Node ${process.version} is too old to begin with: use Node 20 or newer.`);

installIfStale();
const node = findNode();
run(node, [join(root, script), ...(command === 'dev' ? ['--watch', ...rest] : rest)]);

/** `npm ci` when node_modules is absent or was made from another lockfile. */
function installIfStale() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules/.claviger-lock');
  const installed = join(root, 'node_modules/.package-lock.json');
  if (existsSync(installed) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  if (existsSync(installed) && sameVersions(installed)) return writeFileSync(stamp, lock);
  console.log('Installing dependencies (npm ci) …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  // Development dependencies are needed to build, whatever NODE_ENV says.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync(npm, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (result.status !== 0) fail('npm ci failed: see its lines above. Is the registry reachable?');
  writeFileSync(stamp, lock);
}

/** Whether the tree that npm wrote down beside the packages is the lockfile's (someone ran `npm ci` by hand). */
function sameVersions(installed) {
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || found[path]?.version === entry.version,
  );
}

/** The Node that the lockfile brings; on platforms that it has none for, this one if it is new enough. */
function findNode() {
  const brought = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin/node');
  if (existsSync(brought)) return brought;
  if (major(process.version) >= WANTED_MAJOR) return process.execPath;
  const nvmrc = readFileSync(join(root, '.nvmrc'), 'utf8').trim();
  return fail(
    `Claviger runs on Node ${WANTED_MAJOR}; this is ${process.version}, and npm brings none for ${process.platform}-${process.arch}. ` +
      `Install Node ${nvmrc} (with nvm: "nvm install") and run the command again.`,
  );
}

/** Runs the script in the foreground; the terminal's Ctrl-C reaches both, a `kill` of this process is passed on. */
function run(node, args) {
  const path = `${dirname(node)}:${join(root, 'node_modules/.bin')}:${process.env.PATH}`;
  const env = { ...process.env, PATH: path };
  // The channel tells the script that this process is gone, however it went.
  const child = spawn(node, args, { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
  if (process.env.npm_lifecycle_event) stopWithParent(child);
}

/** A `kill` of npm ends the shell between npm and this process without a word to us: seen by our parent having changed. */
function stopWithParent(child) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM');
  }, 200).unref();
}

function major(version) {
  return Number(version.slice(1).split('.')[0]);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
