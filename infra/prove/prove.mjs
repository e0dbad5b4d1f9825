// `npm run prove`: what is too long for every commit. Builds what changed, runs each proof and writes its figures to
// infra/prove/results, from a clean tree only; a trial writes nothing.   npm run prove [-- --only <name> … --trial --calls <of a soak>]
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const built = spawnSync(process.execPath, [join(root, 'infra/local/build.mjs'), '--planes'], {
  cwd: root,
  stdio: 'inherit',
});
if (built.status !== 0) process.exit(built.status ?? 1);
// The proofs' KMS is a fake on this machine: no credentials of whoever runs them come near it.
process.env.AWS_ACCESS_KEY_ID = 'AKIDPROVE';
process.env.AWS_SECRET_ACCESS_KEY = 'prove';
delete process.env.AWS_SESSION_TOKEN;
await import(join(root, 'dist/infra/prove/main.js'));
