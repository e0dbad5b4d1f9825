import type { KmsConfig } from '#lib/config';
import { AppError } from '#lib/kernel';
import type { KmsRef } from './kms.port.js';
import type { KmsObserver } from './observed.js';
import type { OwnKms } from './own/with-own-keys.js';

/** Facts that the process hands in, since this library knows neither environment nor database. */
export interface KmsBootFacts {
  env: 'development' | 'production' | 'test';
  /**
   * The `kms_ref` of every master key that stored secrets of this process's purpose are wrapped under. A key that is
   * named there and not held refuses to boot: a local key's name is its check value.
   */
  storedRefs?: readonly KmsRef[];
  /** Keys of organizations' own. Without it, what is wrapped under one of them does not open. */
  ownKms?: OwnKms;
  /** Told of each call, for metrics. */
  observer?: KmsObserver;
}

/** Throws when stored secrets belong to another adapter than the one that is set. */
export function checkAdapter(adapter: KmsConfig['adapter'], facts: KmsBootFacts): void {
  const foreign = facts.storedRefs?.find((ref) => !ref.startsWith(`${adapter}:`));
  if (foreign === undefined) return;
  throw new AppError(
    'kms_adapter_mismatch',
    `stored secrets are wrapped under ${foreign}, which CLAVIGER_KMS=${adapter} can't open: set CLAVIGER_KMS back. Data keys move between master keys of one KMS; under another KMS, secrets have to be entered again.`,
  );
}
