import { Inject, Injectable } from '@nestjs/common';
import { coversRow } from '#lib/access';
import {
  ClavigerError,
  notFound,
  type AuditEntry,
  type AuthorisedState,
  type RunApproval,
  type RunToolCall,
  type StateKey,
} from '#lib/contracts';
import { isId, type Clock } from '#lib/kernel';
import type { Caller } from '../access/caller.js';
import { answerOf, isFinal, type RunRow } from '../agent-runs/run-row.js';
import type { StartedRun } from '../agent-runs/start-run.js';
import { StateCache } from '../keys/state-cache.js';
import { CLOCK } from '../tokens.js';
import { answeredResult } from './answered-result.js';
import type { ApprovalDto } from './approval.dto.js';
import { tooLate } from './pause-refusals.js';
import { RunPausesStore, type Answered, type FoundRun } from './run-pauses.store.js';

export interface ApprovalAsked {
  caller: Caller;
  stateKey: StateKey;
  runId: string;
  approvalId: string;
  said: ApprovalDto;
  /** For the audit row. */
  requestId: string;
  ip: string;
}

/** Takes people's word on tool calls: once, on record with who gave it, in the transaction that lets the run go on (ADR 0034). */
@Injectable()
export class Approvals {
  constructor(
    private readonly store: RunPausesStore,
    private readonly states: StateCache,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The same answer given again joins the run. Throws `not_found`, `forbidden` where a token's word does not count, and `conflict` for another answer or one that comes too late. */
  async answer(asked: ApprovalAsked): Promise<StartedRun> {
    const { caller, runId, approvalId } = asked;
    const { orgId, workspaceId, principal } = caller;
    const isKnown = isId('run', runId) && isId('apv', approvalId);
    if (!isKnown || !coversRow(principal, 'agentRuns:ApproveAgentRun', workspaceId, runId)) throw notFound();
    const state = await this.states.get(asked.stateKey);
    const row = await this.store.change(orgId, workspaceId, runId, (found) =>
      this.#answered(found, asked, state),
    );
    if (!row) throw notFound();
    return isFinal(row.status) ? { kind: 'over', answer: answerOf(row) } : { kind: 'elsewhere', runId };
  }

  #answered(found: FoundRun, asked: ApprovalAsked, state: AuthorisedState): Answered | null {
    const { approvalId, said, caller } = asked;
    const call = callsOf(found).find(({ approval }) => approval?.id === approvalId);
    if (!found.result || !call?.approval) throw notFound();
    const { approval } = call;
    const status = said.approve ? 'approved' : 'rejected';
    const reason = said.reason ?? null;
    if (approval.status !== 'pending') {
      if (approval.status === status && approval.reason === reason) return null;
      throw answeredBefore(approval);
    }
    if (said.approve) assertApprover(caller, approval, state);
    const action = found.result.requiredAction;
    if (found.status !== 'requires_action' || !action) throw notWaiting(found);
    if (found.is_late) throw tooLate();
    const decidedAt = this.clock.now().toISOString();
    const decided: RunApproval = { ...approval, status, reason, decidedBy: caller.actor, decidedAt };
    const result = answeredResult(found.result, action, (one) =>
      one.approval?.id === approvalId
        ? { ...one, approval: decided, ...(!said.approve && rejected(reason)) }
        : one,
    );
    return { result, audit: auditOf(asked, call) };
  }
}

/**
 * Where the OWNERs say that people approve the calls of a server, no token does (ADR 0042). One that the workspace does not have any more
 * is nobody's to wave through. Rejecting does no harm.
 */
function assertApprover({ principal }: Caller, { mcp }: RunApproval, { mcpServers }: AuthorisedState): void {
  if (mcp === null || principal.tokenKind === undefined) return;
  const server = mcpServers.find(({ id }) => id === mcp.serverId);
  if (server?.approvers === 'anyone') return;
  throw new ClavigerError(
    'forbidden',
    `Calls to the MCP server "${server?.name ?? mcp.serverId}" are approved by people, not by tokens. Somebody who may run agents here signs in and approves it under Runs; an OWNER can change that: PATCH /api/v1/mcp-servers/:id {"approvers": "anyone"}.`,
  );
}

function callsOf({ result }: RunRow): RunToolCall[] {
  return (result?.steps ?? []).flatMap(({ toolCalls }) => toolCalls);
}

/** What the model is told in the place of an answer. */
function rejected(reason: string | null): Pick<RunToolCall, 'error'> {
  const because = reason === null ? 'No reason was given.' : `The reason: ${reason}`;
  return { error: `The call was rejected, so the tool was not called. ${because}` };
}

/** Without what the call or the reason say: content is kept by a policy's rules, and audit rows for ever. */
function auditOf(
  { caller, runId, approvalId, said, requestId, ip }: ApprovalAsked,
  call: RunToolCall,
): AuditEntry {
  const { toolCallId, name } = call;
  return {
    orgId: caller.orgId,
    actor: caller.actor,
    action: 'agentRuns:ApproveAgentRun',
    target: runId,
    requestId,
    ip,
    change: { approvalId, toolCallId, tool: name, approve: said.approve, workspaceId: caller.workspaceId },
  };
}

function answeredBefore({ status, decidedAt }: RunApproval): ClavigerError {
  return new ClavigerError(
    'conflict',
    `This call was ${status} at ${decidedAt ?? 'an unknown time'}: an approval is answered once.`,
  );
}

function notWaiting({ status }: RunRow): ClavigerError {
  return new ClavigerError(
    'conflict',
    `The run waits for no approval: its status is "${status}". Read it to see what became of it.`,
  );
}
