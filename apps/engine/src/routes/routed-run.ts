import type { PolicyRefusal } from '#lib/contracts';
import type { RunInspection } from '../policies/run-inspection.js';
import type { RunSink } from '../pipeline/run-sink.js';
import type { RunCourse } from './run-course.js';

/** A run on its way through its targets. */
export interface RoutedRun {
  course: RunCourse;
  sink: RunSink;
  inspection: RunInspection;
  /** Gets the rules that were broken and that refused nothing. */
  noted: PolicyRefusal[];
}
