import { parseArgs } from 'node:util';
import { ConfigError, loadBackupToolConfig } from '#lib/config';
import { restoreCommands } from './backup/own-postgres.js';
import { restoreBackup } from './backup/restore.js';

const USAGE = `npm run restore -- --from <folder> [--keys-from <other folder>]
  restores a backup into CLAVIGER_DATA_DIR, which must be new or empty. Nothing is served afterwards until it is acknowledged:
  what was revoked since the backup would work again. See infra/docs/runbooks/backup-and-restore.md.`;

const NEXT = `Nothing is served yet: keys, tokens and members that were revoked since that backup would work again. Read
infra/docs/runbooks/restored-database.md, then: npm run audit -- acknowledge-restore --reason "…" and npm start.`;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { from: { type: 'string' }, 'keys-from': { type: 'string' } } });
  if (values.from === undefined) {
    say(USAGE);
    return 2;
  }
  const config = loadBackupToolConfig();
  const { backup } = await restoreBackup({ config, from: values.from, keysFrom: values['keys-from'], say });
  if (backup.database) say(NEXT);
  else say(restoreCommands(config.databaseUrl ?? 'postgresql://…'));
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
