import type { AwaitedApproval, AwaitedToolCall, RequiredAction, RunStep, RunToolCall } from '#lib/contracts';
import type { ApprovedCall, ToolSpec } from '../pipeline/agent-spec.js';

/** The names of the tools that the caller runs itself. */
export function clientTools(tools: readonly ToolSpec[]): Set<string> {
  return new Set(tools.flatMap((tool) => (tool.type === 'client' ? [tool.name] : [])));
}

/** What these steps wait for, of a run that stopped with them; null where it came to its end. */
export function awaitedBy(
  steps: readonly RunStep[],
  tools: readonly ToolSpec[],
  expiresAt: string,
): RequiredAction | null {
  const own = clientTools(tools);
  const calls = steps.at(-1)?.toolCalls ?? [];
  const outputs = calls.filter((call) => own.has(call.name) && !call.approval);
  return requiredAction(calls, new Set(outputs.map(({ toolCallId }) => toolCallId)), expiresAt);
}

/** `outputs`: the calls, besides those approved since, whose outputs the caller is to bring. null: nothing is missing any more. */
export function requiredAction(
  calls: readonly RunToolCall[],
  outputs: ReadonlySet<string>,
  expiresAt: string,
): RequiredAction | null {
  const toolCalls = calls
    .filter((call) => isUnanswered(call) && (outputs.has(call.toolCallId) || isForCaller(call)))
    .map(named);
  const approvals = calls.flatMap((call): AwaitedApproval[] => {
    if (call.approval?.status !== 'pending') return [];
    const { id, kind, mcp } = call.approval;
    return [{ id, ...named(call), kind, mcp, expiresAt }];
  });
  if (toolCalls.length + approvals.length === 0) return null;
  return { type: toolCalls.length > 0 ? 'tool_outputs' : 'approvals', toolCalls, approvals, expiresAt };
}

/** The calls of the last of these steps that were approved, and that the engine has to make. */
export function unmadeCalls(steps: readonly RunStep[]): ApprovedCall[] {
  return (steps.at(-1)?.toolCalls ?? []).flatMap((call): ApprovedCall[] => {
    const { approval } = call;
    if (approval?.status !== 'approved' || approval.kind === 'client' || !isUnanswered(call)) return [];
    return [{ ...named(call), mcp: approval.mcp }];
  });
}

function isForCaller({ approval }: RunToolCall): boolean {
  return approval?.kind === 'client' && approval.status === 'approved';
}

function isUnanswered({ output, error }: RunToolCall): boolean {
  return output === null && error === null;
}

function named({ toolCallId, name, input }: RunToolCall): AwaitedToolCall {
  return { toolCallId, name, input };
}
