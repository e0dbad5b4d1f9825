import type { PolicyRefusal, RunApproval } from '#lib/contracts';
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

/** A tool of a run; one without `execute` is its caller's own. */
export interface RunTool extends LoopTool {
  /** Of which kind it is, and of a server's tool what stays when the server is asked anew. */
  place: Pick<RunApproval, 'kind' | 'mcp'>;
  needsApproval: boolean;
}

/** The tools of a run, open for its length. */
export interface OpenTools {
  tools: RunTool[];
  /** What they carry: nothing of it may be told to anybody. */
  secrets: string[];
  /** What the newest state must still allow whenever bytes of the run leave: its call, and these tools. */
  check: GateCheck;
}
