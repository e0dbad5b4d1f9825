import type { Clock } from '#lib/kernel';
import {
  appendCheckpoints,
  compareEpochs,
  isTorn,
  wordsFor,
  type CheckpointLine,
  type CheckpointReader,
  type CheckpointSigner,
  type CheckpointStore,
  type MovedHead,
  type OutsideEpoch,
  type RestoreStore,
} from '#lib/persistence';
import type { Logger } from '#lib/telemetry';

/** What checkpoints are signed with, and where they are kept besides the database. */
export interface CheckpointDesk {
  deployment: string;
  signer: CheckpointSigner;
  file: { path: string; reader: CheckpointReader } | null;
}

/** Epochs that are copied to the file at once. */
const BATCH = 500;

/**
 * Signs the heads that moved, as the next epoch, and copies to the file what it lacks (CUSTODY §9). The database comes
 * first: were the file ahead after a crash, the database would be taken for an old copy. A head that went back is never signed.
 * A file that is gone is not made again: whoever took it away would have it filled from whatever database there is.
 */
export class AuditCheckpointsService {
  constructor(
    private readonly store: CheckpointStore,
    private readonly restored: RestoreStore,
    private readonly desk: CheckpointDesk,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  async run(): Promise<void> {
    const { file } = this.desk;
    const { verdict, evidence } = await compareEpochs(this.restored, {
      checkpoints: file && file.reader,
      memory: null,
    });
    if (verdict.kind !== 'present') {
      this.log.error({}, `nothing is signed: ${wordsFor(verdict)}`);
      return;
    }
    // What is missing there first: the file must never fall behind by more than the epoch that is being made.
    if (file) await this.#fillUp(file, evidence.file ?? null);
    await this.#sign((await this.store.epoch()) + 1);
    if (file) await this.#fillUp(file, await file.reader.read());
  }

  async #fillUp({ path }: { path: string }, outside: OutsideEpoch | null): Promise<void> {
    if (outside === null) await appendCheckpoints(path, [this.#beginning()]);
    await this.#copy(path, outside?.epoch ?? 0);
  }

  /** The first line: from here on, a file without any line is one that was lost. */
  #beginning(): CheckpointLine {
    const { signer, deployment } = this.desk;
    const at = this.clock.now().toISOString();
    const kind = 'checkpoints-begun' as const;
    return signer.sign({ kind, deployment, epoch: 0, beganAt: 0, reason: 'first use', at });
  }

  async #sign(epoch: number): Promise<void> {
    const heads = (await this.store.movedHeads()).filter((head) => this.#movedOn(head));
    if (heads.length === 0) return;
    const at = this.clock.now().toISOString();
    const { signer, deployment } = this.desk;
    const checkpoints = heads.map(({ orgId, seq, hash }) =>
      signer.sign({ kind: 'checkpoint', deployment, epoch, orgId, seq, hash: hash.toString('hex'), at }),
    );
    await this.store.add(epoch, at, signer.signedBy, checkpoints);
  }

  #movedOn({ orgId, seq, signedSeq }: MovedHead): boolean {
    if (seq > signedSeq) return true;
    this.log.error(
      { orgId },
      `the audit log of this organization ends at ${seq}, and ${signedSeq} was signed: it was tampered with. Run npm run audit -- verify (infra/docs/runbooks/audit-log.md)`,
    );
    return false;
  }

  async #copy(path: string, outside: number): Promise<void> {
    const latest = await this.store.epoch();
    // The epoch that a crash cut off is written again as a whole.
    const first = (await isTorn(path)) ? Math.max(0, outside - 1) : outside;
    for (let after = first; after < latest; after += BATCH) {
      await appendCheckpoints(path, await this.#lines(after, Math.min(after + BATCH, latest)));
    }
  }

  async #lines(after: number, upTo: number): Promise<CheckpointLine[]> {
    const { signer, deployment } = this.desk;
    const acknowledged = await this.store.acknowledged(after, deployment);
    const lines: CheckpointLine[] = [
      ...(await this.store.between(after, upTo, deployment)),
      ...acknowledged.filter(({ epoch }) => epoch <= upTo).map((facts) => signer.sign(facts)),
    ];
    return lines.sort((a, b) => a.epoch - b.epoch);
  }
}
