import type { AuthorisedState, RetentionLevel, StateKey } from '#lib/contracts';
import { validationFailed } from '#lib/http';
import type { TraceParent } from '#lib/telemetry';
import type { AgentSpec, ToolSpec } from '../pipeline/agent-spec.js';
import type { CallRequest } from '../pipeline/call-plan.js';
import { asksFirst } from '../tools/assert-tools.js';
import { literalSecret } from './literal-secrets.js';

/** What a run that waits needs to go on, as it is kept: who asks is resolved anew. */
export interface KeptRequest {
  agent: AgentSpec;
  requestId: string;
  instance: string;
  userId: string | null;
  workflowId: string | null;
  /** Where its spans belong; runs that were kept before there were spans have none. */
  trace?: TraceParent;
  /** Policies whose mild findings are on record already. */
  notedPolicies: string[];
  /** The number of the last event before it began to wait; 0: none. */
  lastEvent: number;
}

/** The columns of `run_requests`. */
export interface KeptRequestRow {
  principal_kind: 'token' | 'session';
  principal_hash: Buffer;
  request: string;
}

/**
 * Whether a call may wait in the database: a policy that keeps less than all of a run forbids it, and so does a secret that somebody
 * wrote into a tool. Such a run is begun at once instead, in the memory of the process that was asked.
 */
export function mayBeKept(agent: AgentSpec, retention: RetentionLevel): boolean {
  return retention === 'full' && literalSecret(agent.tools) === null;
}

/**
 * A pause needs the conversation, and what the tools are, kept until somebody answers. Throws `validation_failed` where a policy forbids
 * that, or where a secret would be kept with them.
 */
export function assertMayPause(agent: AgentSpec, state: AuthorisedState, retention: RetentionLevel): void {
  const index = agent.tools.findIndex((tool) => tool.type === 'client' || asksFirst(state, tool));
  const tool = agent.tools[index];
  if (!tool || mayBeKept(agent, retention)) return;
  const [field, what] = pauseOf(tool);
  const pointer = `/agent/tools/${index}/${field}`;
  const literal = literalSecret(agent.tools);
  if (retention === 'full' && literal) {
    const detail = `${what} a run, which is kept for that time. ${literal.detail}`;
    throw validationFailed([
      { pointer, detail },
      { pointer: `/agent/tools/${literal.index}/${literal.field}`, detail: literal.detail },
    ]);
  }
  const why = `what a pause has to keep is more than a policy of this workspace lets be kept (retention "${retention}"). Use tools of type "http" that need no approval.`;
  throw validationFailed([{ pointer, detail: `${what} a run, and ${why}` }]);
}

function pauseOf({ type, needsApproval }: ToolSpec): [field: string, what: string] {
  if (needsApproval) return ['needsApproval', 'A tool that needs approval pauses'];
  if (type === 'mcp') return ['serverId', 'A server whose OWNERs want its calls to be approved pauses'];
  return ['type', 'Tools of type "client" pause'];
}

/** null for who can't come back: a ticket is good for seconds. */
export function keptRow(
  { stateKey, agent, requestId, instance, userId, workflowId, trace }: CallRequest,
  notedPolicies: string[],
  lastEvent = 0,
): KeptRequestRow | null {
  const { principal } = stateKey;
  if ('ticket' in principal) return null;
  const kept: KeptRequest = {
    ...{ agent, requestId, instance, userId, workflowId, notedPolicies, lastEvent },
    ...(trace && { trace: { traceId: trace.traceId, parentId: trace.parentId, sampled: trace.sampled } }),
  };
  const who =
    'tokenHash' in principal
      ? { principal_kind: 'token' as const, principal_hash: principal.tokenHash }
      : { principal_kind: 'session' as const, principal_hash: principal.sessionHash };
  return { ...who, request: JSON.stringify(kept) };
}

/** The question by which the caller's rights are looked up again. */
export function stateKeyOf(row: KeptRequestRow, workspaceId: string): StateKey {
  const hash = row.principal_hash;
  return {
    workspaceId,
    principal: row.principal_kind === 'token' ? { tokenHash: hash } : { sessionHash: hash },
  };
}

export function keptRequestOf(row: KeptRequestRow): KeptRequest {
  return JSON.parse(row.request) as KeptRequest;
}
