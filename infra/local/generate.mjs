// `npm run generate`: everything that is derived from the code and committed or needed by it.
import { spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const steps = [
  ['infra/local/build.mjs', '--planes'],
  ['infra/tooling/openapi.mjs', '--commit'],
  ['infra/local/build.mjs', '--planes'],
];
for (const args of steps) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
