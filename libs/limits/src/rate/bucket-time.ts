/** How far a clock may be off, beyond the doubt of the measurement, before it counts as having jumped. */
const TOLERANCE_MS = 2_000;
/** Clocks drift apart by less than this share of the time passed. */
const DRIFT = 0.001;

/** What a bucket remembers of time: its own time is the store's clock plus `shiftMs`, and never goes back. */
export interface BucketTime {
  shiftMs: number;
  /** How often `shiftMs` was corrected. */
  jumps: number;
  /** The bucket's time when it was last written. */
  lastMs: number;
}

/** A bucket's time as a process saw it last, beside the process's own monotonic clock. */
export interface TimeMark {
  bucketMs: number;
  monotonicMs: number;
  jumps: number;
}

/** One reading of the store's clock: it lies between two readings of the process's monotonic clock. */
export interface ClockReading {
  storeMs: number;
  sentMs: number;
  gotMs: number;
}

/**
 * The bucket's time now. Windows must not empty because the store's wall clock jumped ahead, nor freeze because it jumped back: a
 * process that has seen this bucket before knows by its monotonic clock how much time has passed, and writes a correction. One that
 * finds a correction which it does not know believes it. Without a witness a jump back still stops nothing.
 */
export function bucketTime(time: BucketTime, reading: ClockReading, mark: TimeMark | undefined): BucketTime {
  const read = reading.storeMs + time.shiftMs;
  const floor = Math.max(read, time.lastMs);
  if (mark?.jumps === time.jumps) {
    const tolerance = TOLERANCE_MS + (reading.gotMs - mark.monotonicMs) * DRIFT;
    const earliest = mark.bucketMs + (reading.sentMs - mark.monotonicMs);
    const latest = mark.bucketMs + (reading.gotMs - mark.monotonicMs);
    if (read > latest + tolerance) return corrected(time, reading, latest);
    if (read < earliest - tolerance) return corrected(time, reading, earliest);
    return { ...time, lastMs: floor };
  }
  return read < time.lastMs - TOLERANCE_MS
    ? corrected(time, reading, time.lastMs)
    : { ...time, lastMs: floor };
}

function corrected(time: BucketTime, { storeMs }: ClockReading, shouldBeMs: number): BucketTime {
  const lastMs = Math.max(shouldBeMs, time.lastMs);
  return { shiftMs: lastMs - storeMs, jumps: time.jumps + 1, lastMs };
}
