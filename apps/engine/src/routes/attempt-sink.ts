import type { RunEventName } from '#lib/contracts';
import type { RunSink } from '../pipeline/run-sink.js';
import type { RunCourse } from './run-course.js';

/** The sink of one attempt: it can be stopped without the run, and a step that another attempt began is not told of again. */
export class AttemptSink implements RunSink {
  readonly signal: AbortSignal;

  constructor(
    private readonly sink: RunSink,
    private readonly course: Pick<RunCourse, 'begins'>,
    stops: AbortSignal,
  ) {
    this.signal = AbortSignal.any([sink.signal, stops]);
  }

  get id(): string {
    return this.sink.id;
  }

  /** Ends the run, not the attempt alone: a tool's fence or a policy refused. */
  abort(reason: Error): void {
    this.sink.abort(reason);
  }

  emit(name: RunEventName, data: Record<string, unknown>): void {
    const { step } = data;
    if (name === 'step.started' && typeof step === 'number' && !this.course.begins(step)) return;
    this.sink.emit(name, data);
  }
}
