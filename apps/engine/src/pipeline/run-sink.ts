import type { RunEventName } from '#lib/contracts';

/** Where a run says what it does, and where it is told to stop. */
export interface RunSink {
  readonly id: string;
  /** Aborted with a ClavigerError: the reason that the run's answer gives. */
  readonly signal: AbortSignal;
  abort(reason: Error): void;
  emit(name: RunEventName, data: Record<string, unknown>): void;
}
