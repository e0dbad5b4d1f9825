import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigError, loadNewMasterKeyConfig } from '#lib/config';
import { AppError } from '#lib/kernel';
import { localKeysets } from '#lib/kms';

/**
 * The first step of replacing a local master key (infra/docs/runbooks/rotate-master-key.md): a new key pair before the
 * present ones, which stay, since everything stored is still under them.
 */
function addMasterKey(): void {
  const { keysDir } = loadNewMasterKeyConfig();
  const purpose = process.argv[2] === 'webhook' ? 'webhook' : 'call';
  const folder = join(resolve(keysDir), 'kms');
  if (!existsSync(join(folder, 'call', 'keyset.json'))) {
    throw new AppError('no_keyset', `${folder} holds no keyset yet: the first start makes one.`);
  }
  localKeysets.generate(folder, { ciphertextExists: true, newPrimaryFor: purpose });
  process.stdout.write(
    `${folder} has a new master key; the older ones are still there. Back the folder up.\n` +
      `Then start again with CLAVIGER_REWRAP_FROM=all${purpose === 'call' ? '' : ` and CLAVIGER_REWRAP_PURPOSE=${purpose}`} to move what is stored to the new one.\n`,
  );
}

try {
  addMasterKey();
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof AppError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
