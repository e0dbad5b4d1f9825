import { parseArgs } from 'node:util';
import { ConfigError, loadBackupToolConfig } from '#lib/config';
import { restoreCommands } from './backup/own-postgres.js';
import { restoreBackup } from './backup/restore.js';

const USAGE = `npm run restore -- --from <folder> [--keys-from <other folder>] [--database-kept]
  restores a backup into CLAVIGER_DATA_DIR, which must be new or empty. Nothing is served afterwards until it is acknowledged:
  what was revoked since the backup would work again. See infra/docs/runbooks/backup-and-restore.md.
  --database-kept: your own Postgres was not lost, only keys and checkpoints were.`;

const NEXT = `Nothing is served yet: keys, tokens and members that were revoked since that backup would work again. Read
infra/docs/runbooks/restored-database.md, then: npm run audit -- acknowledge-restore --reason "…" and npm start.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      from: { type: 'string' },
      'keys-from': { type: 'string' },
      'database-kept': { type: 'boolean' },
    },
  });
  if (values.from === undefined) {
    say(USAGE);
    return 2;
  }
  const config = loadBackupToolConfig();
  const { from, 'keys-from': keysFrom, 'database-kept': databaseKept } = values;
  const { backup } = await restoreBackup({ config, from, keysFrom, databaseKept, say });
  if (backup.database) say(NEXT);
  else if (databaseKept !== true) say(restoreCommands(config.databaseUrl ?? 'postgresql://…'));
  return 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof Error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
