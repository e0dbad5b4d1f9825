// Writes the OpenAPI documents of both planes, emitted from the built code without a database.
//   node infra/tooling/openapi.mjs --out <folder>   into <folder>/{api,engine}.json
//   node infra/tooling/openapi.mjs --commit         into apps/{api,engine}/openapi.json
//   node infra/tooling/openapi.mjs --check          exits 1 when a committed document differs from the code
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const [mode, folder = 'dist/openapi'] = process.argv.slice(2);
let drifted = false;

for (const plane of ['api', 'engine']) {
  const emitter = join(root, `dist/apps/${plane}/src/openapi.js`);
  if (!existsSync(emitter)) continue;
  const committed = join(root, `apps/${plane}/openapi.json`);
  const result = spawnSync(process.execPath, [emitter], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (result.status !== 0) {
    console.error(`The ${plane}'s document could not be emitted:\n${result.stderr}`);
    process.exit(1);
  }
  if (mode === '--check') {
    const same = existsSync(committed) && readFileSync(committed, 'utf8') === result.stdout;
    if (!same)
      console.error(
        `apps/${plane}/openapi.json is not what the code emits: run "npm run generate" and commit it.`,
      );
    drifted ||= !same;
  } else {
    const target = mode === '--commit' ? committed : resolve(root, folder, `${plane}.json`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, result.stdout);
  }
}
process.exit(drifted ? 1 : 0);
