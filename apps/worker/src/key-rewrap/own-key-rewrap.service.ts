import { Inject, Injectable } from '@nestjs/common';
import type { RewrapConfig } from '#lib/config';
import { isOwnKmsRef, ownKmsRef, type OwnKmsKeys } from '#lib/contracts';
import type { Purpose } from '#lib/custody';
import { Rewrapper } from '#lib/custody/rewrapper';
import { KmsError } from '#lib/kms';
import { RewrapStore, type SaveWrapping, type WrappedVersion } from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';
import { REWRAP_FROM } from './key-rewrap.service.js';

/** Injection token of the keys that organizations named. */
export const OWN_KMS_KEYS = Symbol('OWN_KMS_KEYS');

/** All that an organization's role lets the worker move (infra/terraform/org-key): others stay until they are rotated. */
const PURPOSE: Purpose = 'call';
/** Rows locked at a time. Few: each may wait for a cloud account that is nobody's here, for 2 s at most. */
const BATCH = 5;

/**
 * Moves data keys from an organization's former KMS key to the one that it uses now, as the role of the newer. Between
 * the platform's key and an organization's nothing is moved: what was sealed stays where it is until it is rotated.
 */
@Injectable()
export class OwnKeyRewrapService {
  #stopped = false;

  constructor(
    private readonly store: RewrapStore,
    private readonly rewrapper: Rewrapper,
    @Inject(OWN_KMS_KEYS) private readonly keys: OwnKmsKeys,
    @Inject(REWRAP_FROM) private readonly from: RewrapConfig['from'],
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  stop(): void {
    this.#stopped = true;
  }

  /** Goes once over what is under organizations' own keys. Answers how many were moved. */
  async pass(): Promise<number> {
    const held = await this.store.progress();
    const refs = held
      .filter((count) => count.purpose === PURPOSE && isOwnKmsRef(count.kmsRef))
      .map(({ kmsRef }) => kmsRef)
      .filter((ref) => this.from === 'all' || this.from.includes(ref));
    return refs.length > 0 ? this.move(refs) : 0;
  }

  private async move(refs: string[]): Promise<number> {
    let moved = 0;
    let after: WrappedVersion | undefined;
    /** Organizations whose cloud refused or was silent: left alone until the next pass. */
    const failing = new Set<string>();
    while (!this.#stopped) {
      const last = await this.store.batch(
        { purpose: PURPOSE, refs, after, limit: BATCH },
        async (rows, save) => {
          for (const row of rows) if (await this.one(row, save, failing)) moved += 1;
          return rows.at(-1);
        },
      );
      if (!last) break;
      after = last;
    }
    return moved;
  }

  private async one(row: WrappedVersion, save: SaveWrapping, failing: Set<string>): Promise<boolean> {
    const { orgId, secretId, version, kmsRef, wrappedDek } = row;
    const key = failing.has(orgId) ? null : await this.keys.active(orgId);
    if (!key) return false;
    const identity = { orgId, secretId, version, purpose: PURPOSE };
    try {
      const outcome = await this.rewrapper.rewrap(
        { identity, kmsRef, wrappedDek },
        ownKmsRef(key),
        (next, expected) => save(row, next, expected),
      );
      return outcome === 'rewrapped';
    } catch (err) {
      if (!(err instanceof KmsError)) throw err;
      // A damaged row says nothing about its neighbours.
      if (err.kind !== 'tampered') failing.add(orgId);
      const code = err.kind;
      this.log.warn(
        { orgId, secretId, keyVersion: version, code },
        'this data key stays under the organization’s former KMS key',
      );
      return false;
    }
  }
}
