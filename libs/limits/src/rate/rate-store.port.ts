/** A bucket as stored: its text, and the number that a writer must name to replace it (0: there is none yet). */
export interface StoredBucket {
  text: string | null;
  version: number;
}

export interface RateReading {
  /** The store's own clock, in milliseconds: every process sees the same one. */
  nowMs: number;
  /** In the order of the names asked for. */
  buckets: StoredBucket[];
}

/** Where the counts of all processes meet. It compares and sets; what the counts mean is decided here. */
export interface RateStore {
  read(names: readonly string[]): Promise<RateReading>;
  /** Replaces the bucket if it is still at `version`; false when another process was faster. */
  write(name: string, text: string, version: number): Promise<boolean>;
  /** Forgets buckets that hold nothing any more. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}
