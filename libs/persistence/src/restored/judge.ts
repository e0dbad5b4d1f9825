/** An epoch that was seen outside of the database. */
export interface SeenEpoch {
  epoch: number;
  /** When it was made, in ms since 1970: another history has another time. Null: such an epoch is in no database, only acknowledged. */
  atMs: number | null;
}

/** The highest epoch of the file of checkpoints. */
export interface OutsideEpoch extends SeenEpoch {
  /** Where the file was just begun (epoch 0): the database's epoch then. */
  beganAt?: number;
}

/** What an engine remembers of the database that it served from, and of the file. */
export interface RememberedEpochs {
  database: SeenEpoch;
  checkpoints: number;
}

/** What the database says of itself. */
export interface RestoreFactsOfDatabase {
  newest: { epoch: number; atMs: number } | null;
  /** Times of the epochs that were asked for, as far as they are there. */
  seen: Record<string, number>;
  /** The highest epoch that an operator acknowledged as lost, among those after the ones asked for. */
  acknowledged: number | null;
  /** What other processes noticed, with the epoch that they saw. */
  noticed: Partial<Record<'old_copy' | 'no_checkpoints', number>>;
}

export interface Evidence {
  /** Undefined: no file is kept. Null: there is no genuine line in it. */
  file: OutsideEpoch | null | undefined;
  /** Null: nothing is remembered (yet). */
  memory: RememberedEpochs | null;
}

export type Verdict =
  | { kind: 'present' }
  /** Something was seen that this database does not have. */
  | { kind: 'old_copy'; here: number; outside: number }
  /** The file is gone, empty, or that of a beginning which the database is past. */
  | { kind: 'no_checkpoints'; here: number }
  /** An earlier version of the file was put in its place. */
  | { kind: 'older_checkpoints'; file: number; remembered: number }
  /** Another process noticed. */
  | { kind: 'noticed'; cause: 'old_copy' | 'no_checkpoints'; outside: number };

/**
 * Whether this database is the one that was seen before, or a later state of it (CUSTODY §9, ADR 0020). Numbers alone would
 * not do: a copy that is signed on reaches them again. Each seen epoch must be there with its time, or be acknowledged as lost.
 */
export function judge(database: RestoreFactsOfDatabase, { file, memory }: Evidence): Verdict {
  const here = database.newest?.epoch ?? 0;
  const lost = [file, memory?.database].filter(
    (seen): seen is SeenEpoch => seen !== undefined && seen !== null && !knows(database, seen),
  );
  if (lost.length > 0)
    return { kind: 'old_copy', here, outside: Math.max(...lost.map(({ epoch }) => epoch)) };
  if (file !== undefined && (here > 0 || memory !== null) && isGone(file, database))
    return { kind: 'no_checkpoints', here };
  if (file && memory && file.epoch < memory.checkpoints)
    return { kind: 'older_checkpoints', file: file.epoch, remembered: memory.checkpoints };
  for (const cause of ['old_copy', 'no_checkpoints'] as const) {
    const outside = database.noticed[cause];
    if (outside !== undefined) return { kind: 'noticed', cause, outside };
  }
  return { kind: 'present' };
}

function knows(database: RestoreFactsOfDatabase, { epoch, atMs }: SeenEpoch): boolean {
  if (epoch === 0 || (database.acknowledged ?? 0) >= epoch) return true;
  return atMs !== null && database.seen[epoch] === atMs;
}

/**
 * A file that was just begun vouches for the database's epoch then, and so does an acknowledgement that came after, with an epoch
 * of its own. The next epoch is in the database a moment before it is in the file.
 */
function isGone(file: OutsideEpoch | null, { newest, acknowledged }: RestoreFactsOfDatabase): boolean {
  const here = newest?.epoch ?? 0;
  if (file === null) return here > 0;
  const vouched = Math.max(file.beganAt ?? 0, acknowledged === null ? 0 : acknowledged + 1);
  return file.epoch === 0 && here > vouched + 1;
}
