import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256 } from '#lib/kernel';
import { MigrationError } from './errors.js';

export interface MigrationFile {
  name: string;
  sql: string;
  /** SHA-256 of the file, as Prisma's ledger keeps it. */
  checksum: string;
  /** Set where the file takes something away: the release that does, and what a process must know to live with it. */
  contract?: { release: string; needs: string };
}

const CONTRACT = /^-- contract: (\S+) needs (\S+)$/m;

/** The migrations of a folder in the order of their names. */
export async function readMigrations(folder: string = migrationsFolder()): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name), 'utf8');
      const [, release, needs] = CONTRACT.exec(sql) ?? [];
      return {
        name: name.slice(0, -'.sql'.length),
        sql,
        checksum: sha256(sql).toString('hex'),
        ...(release && needs && { contract: { release, needs } }),
      };
    }),
  );
}

/** `prisma/migrations` of the checkout or image that this file runs in, compiled or not. */
function migrationsFolder(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'prisma', 'migrations');
    if (existsSync(candidate)) return candidate;
  }
  throw new MigrationError('prisma/migrations is missing: it belongs beside package.json.');
}
