import { Injectable } from '@nestjs/common';
import { ClavigerError, notFound, type RunToolCall } from '#lib/contracts';
import { validationFailed } from '#lib/http';
import { isId, type FieldFault } from '#lib/kernel';
import type { Caller } from '../access/caller.js';
import { answerOf, isFinal, type RunRow } from '../agent-runs/run-row.js';
import { canonical } from '../agent-runs/request-hash.js';
import type { StartedRun } from '../agent-runs/start-run.js';
import { answeredResult } from './answered-result.js';
import { tooLate } from './pause-refusals.js';
import { RunPausesStore, type Answered } from './run-pauses.store.js';
import type { ToolOutputDto } from './tool-outputs.dto.js';

/** Brings a paused run what it waits for: it waits for its turn then, and whichever process takes it goes on. */
@Injectable()
export class ToolOutputs {
  constructor(private readonly store: RunPausesStore) {}

  /** The same outputs brought again join the run. Throws `not_found`, `validation_failed`, `conflict`. */
  async bring(caller: Caller, runId: string, outputs: readonly ToolOutputDto[]): Promise<StartedRun> {
    if (!isId('run', runId)) throw notFound();
    const row = await this.store.change(caller.orgId, caller.workspaceId, runId, (found) => {
      if (found.status !== 'requires_action' || hasAll(found, outputs)) return null;
      if (found.is_late) throw tooLate();
      return filled(found, outputs);
    });
    if (!row) throw notFound();
    if (row.status !== 'requires_action' && !hasAll(row, outputs)) throw notWaiting(row);
    return isFinal(row.status) ? { kind: 'over', answer: answerOf(row) } : { kind: 'elsewhere', runId };
  }
}

/** The result with the outputs in it. */
function filled({ result }: RunRow, outputs: readonly ToolOutputDto[]): Answered | null {
  const action = result?.requiredAction;
  if (!result || !action) return null;
  const waiting = action.toolCalls.map(({ toolCallId }) => toolCallId);
  const faults = outputFaults(waiting, outputs);
  if (faults.length > 0) throw validationFailed(faults);
  const brought = new Map(outputs.map(({ toolCallId, output }) => [toolCallId, output]));
  const fill = (call: RunToolCall): RunToolCall =>
    brought.has(call.toolCallId) ? { ...call, output: brought.get(call.toolCallId) } : call;
  return { result: answeredResult(result, action, fill) };
}

function outputFaults(waiting: readonly string[], outputs: readonly ToolOutputDto[]): FieldFault[] {
  const faults = outputs.flatMap(({ toolCallId }, index): FieldFault[] => {
    const isTwice = outputs.findIndex((other) => other.toolCallId === toolCallId) !== index;
    const detail = !waiting.includes(toolCallId)
      ? 'The run does not wait for a call with this id.'
      : isTwice
        ? 'This call has an output already: give one for each.'
        : null;
    return detail ? [{ pointer: `/outputs/${index}/toolCallId`, detail }] : [];
  });
  const missing = waiting.filter((id) => !outputs.some(({ toolCallId }) => toolCallId === id));
  if (missing.length === 0) return faults;
  const detail = `The run waits for outputs of these calls, too: ${missing.join(', ')}.`;
  return [...faults, { pointer: '/outputs', detail }];
}

/** Whether the run was given exactly these before. */
function hasAll({ result }: RunRow, outputs: readonly ToolOutputDto[]): boolean {
  const calls = (result?.steps ?? []).flatMap(({ toolCalls }) => toolCalls);
  return outputs.every(({ toolCallId, output }) =>
    calls.some((call) => call.toolCallId === toolCallId && canonical(call.output) === canonical(output)),
  );
}

function notWaiting({ status }: RunRow): ClavigerError {
  return new ClavigerError(
    'conflict',
    `The run does not wait for outputs of tools: its status is "${status}". Read it to see what became of it.`,
  );
}
