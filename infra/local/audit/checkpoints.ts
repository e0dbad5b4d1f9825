import type { AuditCheckpoint, CheckpointLine } from '#lib/persistence';

/** What a file of checkpoints says. */
export interface Evidence {
  /** Signed heads per organization that the chain must still contain. */
  heads: Map<string, AuditCheckpoint[]>;
  /** Lines that no known key signed, by number; somebody edited the file, or a crash cut them off. */
  bad: number[];
  /** Restores of old copies that an operator acknowledged, in words. */
  restores: string[];
}

/** Sorts the lines of a file. Heads of a time that an acknowledged restore took back are no longer demanded, and named. */
export function evidenceOf(
  lines: { number: number; line: CheckpointLine | undefined }[],
  deployment: string,
): Evidence {
  const ours = lines.flatMap(({ line }) => (line?.deployment === deployment ? [line] : []));
  const restores = ours.flatMap((line) => (line.kind === 'restore-acknowledged' ? [line] : []));
  const takenBack = (epoch: number) =>
    restores.some(({ restoredTo, acknowledges }) => epoch > restoredTo && epoch <= acknowledges);
  const heads: Evidence['heads'] = new Map();
  for (const line of ours) {
    if (line.kind !== 'checkpoint' || takenBack(line.epoch)) continue;
    const known = heads.get(line.orgId) ?? [];
    heads.set(line.orgId, [...known, { seq: line.seq, hash: Buffer.from(line.hash, 'hex') }]);
  }
  return {
    heads,
    bad: lines.flatMap(({ number, line }) => (line ? [] : [number])),
    restores: ours.flatMap((line) => {
      if (line.kind === 'backup-restored')
        return [`${line.at}: the backup of ${line.takenAt} was restored (epoch ${line.restoredTo})`];
      if (line.kind === 'checkpoint') return [];
      if (line.kind === 'checkpoints-begun')
        return line.beganAt === 0
          ? []
          : [`${line.at}: the file was begun anew at epoch ${line.beganAt}: ${line.reason}`];
      const { at, restoredTo, acknowledges, reason } = line;
      return [
        `${at}: an old copy was restored (epoch ${acknowledges} back to ${restoredTo}); what came between is lost. Acknowledged: ${reason}`,
      ];
    }),
  };
}
