import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../../../..');

/** A folder in which the SDK is installed as it would be from the registry, with the examples beside it. */
export interface PackedSdk {
  dir: string;
  /** What is in the package, sorted. */
  files: string[];
  remove(): void;
}

/** Packs the built SDK with npm and unpacks it. Needs a build. */
export function packedSdk(): PackedSdk {
  const built = join(ROOT, 'dist/sdk');
  if (!existsSync(join(built, 'package.json'))) throw new Error('the SDK is not built: npm run build');
  // Node tells files by their real paths.
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'claviger-sdk-')));
  const told = execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', dir], {
    cwd: built,
    encoding: 'utf8',
  });
  const [packed] = JSON.parse(told) as { filename: string; files: { path: string }[] }[];
  if (!packed) throw new Error(`npm packed nothing: ${told}`);
  const home = join(dir, 'node_modules/@claviger/sdk');
  mkdirSync(home, { recursive: true });
  execFileSync('tar', ['-xzf', join(dir, packed.filename), '-C', home, '--strip-components=1']);
  cpSync(join(ROOT, 'infra/examples'), join(dir, 'examples'), { recursive: true });
  return {
    dir,
    files: packed.files.map(({ path }) => path).sort(),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
