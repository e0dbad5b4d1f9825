// `npm start`: builds what changed, then runs the launcher in this process (one fewer to stop).
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// Without a listener this signal opens a debugger, through which any code of the same user could read the keys.
process.on('SIGUSR1', () => undefined);

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
if (!process.argv.includes('--help')) {
  const built = spawnSync(process.execPath, [join(root, 'infra/local/build.mjs'), '--no-sdk'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (built.status !== 0) process.exit(built.status ?? 1);
}
await import(join(root, 'dist/infra/local/start.js'));
