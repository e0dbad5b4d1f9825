// `npm run restore`: builds what changed, then restores a backup into a new data folder.
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const built = spawnSync(process.execPath, [join(root, 'infra/local/build.mjs'), '--planes', '--no-sdk'], {
  cwd: root,
  stdio: 'inherit',
});
if (built.status !== 0) process.exit(built.status ?? 1);
await import(join(root, 'dist/infra/local/restore.js'));
