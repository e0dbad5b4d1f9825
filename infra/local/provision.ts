import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, loadProvisionConfig } from '#lib/config';
import { AppError } from '#lib/kernel';
import { migrate, MigrationError, roleUrl } from '#lib/persistence';
import { writePrivate } from './launcher/data-dir.js';
import { keyUses, refuseForeignKeys } from './launcher/check-keys.js';
import { handovers } from './launcher/handovers.js';
import { ensureKeys } from './launcher/keys.js';

/**
 * Prepares a deployment of containers (docker-compose.yml): migrates, makes the key files that are missing, and puts into
 * the folder of each process its database login and the keys that it may have. Running it again changes nothing.
 */
async function provision(): Promise<void> {
  const config = loadProvisionConfig();
  const { applied } = await migrate(config.databaseUrl, {
    plans: config.plans,
    deployment: config.deployment,
  });
  const keys = ensureKeys(config.keysDir, await keyUses(config.databaseUrl));
  await refuseForeignKeys(config.databaseUrl, keys);
  for (const [name, files] of Object.entries(handovers(keys))) {
    const folder = join(config.handoverDir, name);
    for (const [file, source] of Object.entries(files)) {
      copyFileSync(source, join(folder, file));
      chmodSync(join(folder, file), 0o600);
    }
    const role = `claviger_${name as 'api' | 'engine' | 'worker'}` as const;
    writePrivate(join(folder, 'database-url'), `${roleUrl(config.databaseUrl, role)}\n`);
  }
  process.stdout.write(
    `${applied.length > 0 ? `applied ${applied.join(', ')}` : 'the database is up to date'}; keys are handed over\n`,
  );
}

try {
  await provision();
} catch (error) {
  const expected = [ConfigError, MigrationError, AppError].some((kind) => error instanceof kind);
  if (!expected || !(error instanceof Error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
