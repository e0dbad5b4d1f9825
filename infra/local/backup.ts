import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, loadBackupToolConfig } from '#lib/config';
import { dumpCommands } from './backup/own-postgres.js';
import { takeBackup } from './backup/take.js';

const USAGE = `npm run backup -- --to <folder> [--keys-to <other folder>]
  copies the database, the checkpoints of the audit log and the private keys, while Claviger runs or is stopped.
  <folder> must be new. With --keys-to the keys lie apart: neither folder alone gives anything away that the other protects.
See infra/docs/runbooks/backup-and-restore.md.`;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { to: { type: 'string' }, 'keys-to': { type: 'string' } } });
  if (values.to === undefined) {
    say(USAGE);
    return 2;
  }
  const config = loadBackupToolConfig();
  const options = { config, to: values.to, keysTo: values['keys-to'], version: version(), say };
  const { backup } = await takeBackup(options);
  const { database, takenAt } = backup;
  if (config.databaseUrl !== null) say(dumpCommands(config.databaseUrl));
  if (database)
    say(
      `${takenAt}: ${database.orgs} organizations, PostgreSQL ${database.server}, schema ${database.migrations.at(-1)}, epoch ${database.epoch}.`,
    );
  return 0;
}

function version(): string {
  const file = join(import.meta.dirname, '../../../package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
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
