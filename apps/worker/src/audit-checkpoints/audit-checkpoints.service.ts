import type { Clock } from '#lib/kernel';
import {
  appendCheckpoints,
  isTorn,
  lastEpoch,
  type CheckpointLine,
  type CheckpointSigner,
  type CheckpointStore,
  type CheckpointVerifier,
  type MovedHead,
} from '#lib/persistence';
import type { Logger } from '#lib/telemetry';

/** What checkpoints are signed with, and where they are kept besides the database. */
export interface CheckpointDesk {
  deployment: string;
  signer: CheckpointSigner;
  file: { path: string; verifier: CheckpointVerifier } | null;
}

/** Epochs that are copied to the file at once. */
const BATCH = 500;

/**
 * Signs the heads that moved, as the next epoch, and copies to the file what it lacks (CUSTODY §9). The database comes
 * first: were the file ahead after a crash, the database would be taken for an old copy. A head that went back is never signed.
 */
export class AuditCheckpointsService {
  constructor(
    private readonly store: CheckpointStore,
    private readonly desk: CheckpointDesk,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  async run(): Promise<void> {
    const { file, deployment } = this.desk;
    const outside = file ? await lastEpoch(file.path, file.verifier, deployment) : 0;
    const here = await this.store.epoch();
    if (here < outside) {
      this.log.error(
        {},
        `the database's epoch is ${here}, its checkpoint file's ${outside}: this is an old copy of the database. Nothing is signed until an operator acknowledges it: npm run audit -- acknowledge-restore (infra/docs/runbooks/restored-database.md)`,
      );
      return;
    }
    await this.#sign(here + 1);
    if (file) await this.#copy(file.path, outside);
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
