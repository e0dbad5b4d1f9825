import { ClavigerError } from '#lib/contracts';
import { newId } from '#lib/kernel';
import type { LoopTool, LoopToolCall } from '#lib/providers';
import type { RunRecord } from '../pipeline/run-record.js';
import type { RunTool } from './tools-asked.js';

/** A tool as the model is offered it: a call that needs somebody's word ends the loop, as one of the caller's own does. */
export function loopTool({ needsApproval, execute, name, description, inputSchema }: RunTool): LoopTool {
  const tool = { name, description, inputSchema };
  return needsApproval || !execute ? tool : { ...tool, execute };
}

/**
 * Notes which of the calls with which the loop ended wait for an approval. Throws upstream_error where two calls have one id: an
 * approval must say without doubt what it is for.
 */
export function holdBack(
  record: RunRecord,
  pending: readonly LoopToolCall[],
  tools: readonly RunTool[],
): void {
  const ids = record.steps.at(-1)?.toolCalls.map(({ toolCallId }) => toolCallId) ?? [];
  for (const { toolCallId, name } of pending) {
    const tool = tools.find((candidate) => candidate.name === name);
    if (!tool?.needsApproval) continue;
    if (ids.filter((id) => id === toolCallId).length !== 1)
      throw new ClavigerError(
        'upstream_error',
        `The model made several calls under one id, and "${name}" may be called only when it was approved. Nothing of it was called: start the run again.`,
      );
    const undecided = { status: 'pending' as const, reason: null, decidedBy: null, decidedAt: null };
    record.holdBack(toolCallId, { id: newId('apv'), ...tool.place, ...undecided });
  }
}
