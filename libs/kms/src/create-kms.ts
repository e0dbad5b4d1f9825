import { awsKms } from './aws/aws-kms.js';
import type { KmsConfig } from '#lib/config';
import { checkAdapter, type KmsBootFacts } from './boot-facts.js';
import { isOwnKmsRef } from '#lib/contracts';
import type { KmsByPrivilege, KmsPrivilege } from './kms.port.js';
import { localKms } from './local/local-kms.js';
import { observed } from './observed.js';
import { withOwnKeys } from './own/with-own-keys.js';
import { vaultKms } from './vault/vault-kms.js';

/**
 * The KMS, with one privilege: `seal` (api) can make data keys, `open` (engine) can unwrap them, `rewrap` (worker)
 * can move them to another master key. The object has that operation and `describe`, and no way to the others.
 * Throws KeyFileError when the local key files are not as they must be; AWS and Vault are first
 * called when they are first used.
 */
export function createKms<P extends KmsPrivilege>(
  config: KmsConfig,
  privilege: P,
  facts: KmsBootFacts,
): KmsByPrivilege[P] {
  // What organizations wrapped under keys of their own is no fact about the platform's keys.
  const storedRefs = facts.storedRefs?.filter((ref) => !isOwnKmsRef(ref));
  const platformFacts = { ...facts, storedRefs };
  checkAdapter(config.adapter, platformFacts);
  const kms = withOwnKeys[privilege](adapter(config, privilege, platformFacts), facts.ownKms);
  const told = facts.observer ? observed[privilege](kms, facts.observer) : kms;
  Object.freeze(told);
  return told;
}

function adapter<P extends KmsPrivilege>(
  config: KmsConfig,
  privilege: P,
  facts: KmsBootFacts,
): KmsByPrivilege[P] {
  switch (config.adapter) {
    case 'local':
      return localKms[privilege](config, facts);
    case 'aws':
      return awsKms[privilege](config);
    case 'vault':
      return vaultKms[privilege](config);
  }
}
