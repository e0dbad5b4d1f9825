import { Inject, Injectable } from '@nestjs/common';
import type { RewrapConfig } from '#lib/config';
import { isOwnKmsRef } from '#lib/contracts';
import type { Purpose } from '#lib/custody';
import { Rewrapper } from '#lib/custody/rewrapper';
import { RewrapStore, type SaveWrapping, type WrappedCount, type WrappedVersion } from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';
import { sortOutcomes, type BatchOutcome } from './outcomes.js';

export const REWRAP_FROM = Symbol('master keys whose data keys are moved');
export const REWRAP_PURPOSE = Symbol('the one purpose whose data keys are moved');

/** Rows locked at a time: a rotation of one of them waits until they are done, well under a second. */
const BATCH = 50;
/** Requests to the KMS at a time. */
const AT_ONCE = 10;

/** What a pass did, and what is left to do. */
export interface RewrapReport {
  rewrapped: number;
  damaged: number;
  /** What the old master keys still hold; empty: none of them is needed any more. */
  remaining: WrappedCount[];
}

/**
 * Moves data keys to the master key that new ones are wrapped under (CUSTODY §5). All that it knows of its progress is
 * in the rows themselves, so a pass that dies anywhere is continued by the next.
 */
@Injectable()
export class KeyRewrapService {
  #stopped = false;

  constructor(
    private readonly store: RewrapStore,
    private readonly rewrapper: Rewrapper,
    @Inject(REWRAP_FROM) private readonly from: RewrapConfig['from'],
    @Inject(REWRAP_PURPOSE) private readonly purpose: Purpose,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Ends the running pass after its batch. */
  stop(): void {
    this.#stopped = true;
  }

  /** Goes once over everything. Throws what the KMS or the database said when there is no use in going on. */
  async pass(): Promise<RewrapReport> {
    const report: RewrapReport = { rewrapped: 0, damaged: 0, remaining: [] };
    const { purpose } = this;
    const held = (await this.store.progress()).filter((count) => count.purpose === purpose);
    const named = held
      .map(({ kmsRef }) => kmsRef)
      // Keys of organizations' own have a pass of their own: no identity may use one of them and the platform's.
      .filter((ref) => !isOwnKmsRef(ref) && (this.from === 'all' || this.from.includes(ref)));
    if (named.length === 0) return report;
    // The probe: where the new master key does not answer, nothing is touched.
    const target = await this.rewrapper.target(purpose);
    const old = named.filter((ref) => ref !== target);
    await this.move(old, target, report);
    report.remaining.push(...(await this.left(old)));
    return report;
  }

  private async move(old: string[], target: string, report: RewrapReport): Promise<void> {
    let refs = old;
    let after: WrappedVersion | undefined;
    // One row first: a privilege that is missing shows itself before fifty rows are locked.
    let limit = 1;
    while (refs.length > 0 && !this.#stopped) {
      const { outcome, last } = await this.batch({ purpose: this.purpose, refs, after, limit }, target);
      if (!last) return;
      report.rewrapped += outcome.rewrapped;
      report.damaged += outcome.damaged.length;
      this.tell(outcome);
      if (outcome.trouble !== undefined) throw outcome.trouble;
      refs = refs.filter((ref) => !outcome.gone.has(ref));
      [after, limit] = [last, BATCH];
    }
  }

  private async batch(claim: Parameters<RewrapStore['batch']>[0], target: string) {
    return this.store.batch(claim, async (rows, save) => {
      const results: PromiseSettledResult<'rewrapped' | 'current' | 'changed'>[] = [];
      for (let at = 0; at < rows.length; at += AT_ONCE) {
        const some = rows.slice(at, at + AT_ONCE);
        // Settled, not raced: nothing may still be writing when the transaction ends.
        const settled = await Promise.allSettled(some.map((row) => this.one(row, target, save)));
        results.push(...settled);
        if (sortOutcomes(some, settled).trouble !== undefined) break;
      }
      return { outcome: sortOutcomes(rows, results), last: rows.at(-1) };
    });
  }

  private one(row: WrappedVersion, target: string, save: SaveWrapping) {
    const { orgId, secretId, version, kmsRef, wrappedDek } = row;
    const identity = { orgId, secretId, version, purpose: this.purpose };
    return this.rewrapper.rewrap({ identity, kmsRef, wrappedDek }, target, (next, expected) =>
      save(row, next, expected),
    );
  }

  private async left(refs: string[]): Promise<WrappedCount[]> {
    const held = await this.store.progress();
    return held.filter((count) => count.purpose === this.purpose && refs.includes(count.kmsRef));
  }

  private tell(outcome: BatchOutcome): void {
    for (const { orgId, secretId, version, kmsRef } of outcome.damaged) {
      this.log.error(
        { orgId, secretId, keyVersion: version, kmsRef },
        'a stored data key is not what was sealed and can’t be re-wrapped: its OWNER has to enter the secret again',
      );
    }
    for (const kmsRef of outcome.gone) {
      this.log.error(
        { kmsRef },
        'this master key is disabled or gone: enable or restore it, or what it holds stays behind',
      );
    }
  }
}
