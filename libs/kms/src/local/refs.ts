import { join } from 'node:path';
import type { KmsRef, Purpose } from '../kms.port.js';
import { readKeyFile } from './key-file.js';
import { parsePrivateKeyset, refOf } from './keyset.js';

/**
 * The master keys that the private keysets under `dir` hold, by purpose, as `kms_ref` names them: names, no key material.
 * For the launcher and for backups. Throws KeyFileError; `ENOENT` where a keyset is missing.
 */
export function localKeyRefs(dir: string): Record<Purpose, KmsRef[]> {
  const refs = (purpose: Purpose): KmsRef[] => {
    const path = join(dir, purpose, 'keyset.json');
    const rules = { allowSymlink: false, secrecy: 'private', uid: process.getuid?.() } as const;
    const text = readKeyFile(path, rules);
    try {
      return parsePrivateKeyset(path, text.toString('utf8')).keys.map((key) => refOf(purpose, key));
    } finally {
      text.fill(0);
    }
  };
  return { call: refs('call'), webhook: refs('webhook'), login: refs('login') };
}
