import type { PolicyRefusal } from '#lib/contracts';
import type { LoopTool } from '#lib/providers';
import type { GateCheck } from '../keys/fence.js';
import type { CallPlan } from '../pipeline/call-plan.js';
import type { RunSink } from '../pipeline/run-sink.js';
import type { RunInspection } from '../policies/run-inspection.js';

export interface ToolsAsked {
  plan: Pick<CallPlan, 'request' | 'state' | 'check'>;
  sink: RunSink;
  inspection: RunInspection;
  /** Gets what rules below HIGH say of tools that servers brought. */
  noted: PolicyRefusal[];
}

/** The tools of a run, open for its length. */
export interface OpenTools {
  tools: LoopTool[];
  /** What they carry: nothing of it may be told to anybody. */
  secrets: string[];
  /** What the newest state must still allow whenever bytes of the run leave: its call, and these tools. */
  check: GateCheck;
}
