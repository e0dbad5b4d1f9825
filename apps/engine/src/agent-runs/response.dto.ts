import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  APPROVAL_STATUSES,
  APPROVED_KINDS,
  ATTEMPT_OUTCOMES,
  ATTEMPT_REASONS,
  RUN_STATUSES,
  STOP_REASONS,
  type AttemptReason,
  type AwaitedApproval,
  type RequiredAction,
  type RunApproval,
  type RunAttempt,
  type RunStatus,
  type RunStep,
  type RunToolCall,
  type RunUsage,
  type StopReason,
} from '#lib/contracts';
import { AgentDto } from './agent.dto.js';

const ANY = { description: 'Any JSON value.', nullable: true } as const;

export class RunUsageResponse implements RunUsage {
  @ApiProperty({ type: 'integer' }) inputTokens!: number;
  @ApiProperty({ type: 'integer' }) outputTokens!: number;
  @ApiProperty({ type: 'integer' }) cachedInputTokens!: number;
  @ApiProperty({ type: 'integer' }) reasoningTokens!: number;
  @ApiProperty({ type: 'integer' }) totalTokens!: number;
  /** Integer micro-USD at list price; null when the price is unknown. */
  @ApiProperty({ type: 'integer', nullable: true }) costMicroUsd!: number | null;
}

export class RunApprovalPlaceResponse {
  @ApiProperty({ type: String }) serverId!: string;
  /** The server's own name of it. */
  @ApiProperty({ type: String }) tool!: string;
}

export class RunApprovalResponse implements RunApproval {
  @ApiProperty({ type: String, example: 'apv_01jd…' }) id!: string;
  @ApiProperty({ enum: APPROVED_KINDS }) kind!: RunApproval['kind'];
  @ApiProperty({ type: RunApprovalPlaceResponse, nullable: true }) mcp!: RunApprovalPlaceResponse | null;
  @ApiProperty({ enum: APPROVAL_STATUSES }) status!: RunApproval['status'];
  @ApiProperty({ type: String, nullable: true }) reason!: string | null;
  /** `usr_…` or `tok_…`. */
  @ApiProperty({ type: String, nullable: true }) decidedBy!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) decidedAt!: string | null;
}

export class RunToolCallResponse implements RunToolCall {
  @ApiProperty({ type: String }) toolCallId!: string;
  @ApiProperty({ type: String }) name!: string;
  @ApiProperty(ANY) input!: unknown;
  @ApiProperty(ANY) output!: unknown;
  @ApiProperty({ type: String, nullable: true }) error!: string | null;
  /** Of a tool with `needsApproval`. */
  @ApiPropertyOptional({ type: RunApprovalResponse }) approval?: RunApprovalResponse;
}

export class RunStepResponse implements RunStep {
  @ApiProperty({ type: 'integer' }) step!: number;
  @ApiProperty({ type: String }) text!: string;
  @ApiProperty({ type: [RunToolCallResponse] }) toolCalls!: RunToolCallResponse[];
  @ApiProperty({ type: String }) finishReason!: string;
  @ApiProperty({ type: RunUsageResponse }) usage!: RunUsageResponse;
}

export class RunAttemptResponse implements RunAttempt {
  /** null, like provider and model, for a target that may not be used at all. */
  @ApiProperty({ type: String, nullable: true }) aiProviderId!: string | null;
  @ApiProperty({ type: String, nullable: true }) provider!: string | null;
  @ApiProperty({ type: String, nullable: true }) model!: string | null;
  /** `skipped`: nothing was sent to this target. */
  @ApiProperty({ enum: ATTEMPT_OUTCOMES }) outcome!: (typeof ATTEMPT_OUTCOMES)[number];
  @ApiProperty({ type: String, nullable: true }) code!: string | null;
  /** Why it came to nothing; null for a success. */
  @ApiProperty({ enum: ATTEMPT_REASONS, nullable: true }) reason!: AttemptReason | null;
  @ApiProperty({ type: String, nullable: true }) upstreamRequestId!: string | null;
  @ApiProperty({ type: 'integer' }) latencyMs!: number;
}

export class RunServedResponse {
  @ApiProperty({ type: String }) aiProviderId!: string;
  @ApiProperty({ type: String }) provider!: string;
  @ApiProperty({ type: String }) model!: string;
  @ApiProperty({ type: 'integer' }) keyVersion!: number;
  @ApiProperty({ type: [RunAttemptResponse] }) attempts!: RunAttemptResponse[];
}

class PendingCallResponse {
  @ApiProperty({ type: String }) toolCallId!: string;
  @ApiProperty({ type: String }) name!: string;
  @ApiProperty(ANY) input!: unknown;
}

/** A call of a tool of type `client`: its output is brought with `POST …/tool-outputs`. */
export class AwaitedToolCallResponse extends PendingCallResponse {}

/** A call that is made when somebody says so, with `POST …/approvals/:id`. */
export class AwaitedApprovalResponse extends PendingCallResponse implements AwaitedApproval {
  @ApiProperty({ type: String, example: 'apv_01jd…' }) id!: string;
  @ApiProperty({ enum: APPROVED_KINDS }) kind!: RunApproval['kind'];
  @ApiProperty({ type: RunApprovalPlaceResponse, nullable: true }) mcp!: RunApprovalPlaceResponse | null;
  @ApiProperty({ type: String, format: 'date-time' }) expiresAt!: string;
}

/** What a paused run waits for: every output and every approval that is listed. */
export class RequiredActionResponse implements RequiredAction {
  /** `approvals`: no output of a tool is waited for at this moment. */
  @ApiProperty({ enum: ['tool_outputs', 'approvals'] }) type!: RequiredAction['type'];
  @ApiProperty({ type: [AwaitedToolCallResponse] }) toolCalls!: AwaitedToolCallResponse[];
  @ApiProperty({ type: [AwaitedApprovalResponse] }) approvals!: AwaitedApprovalResponse[];
  /** Then the run ends by itself. */
  @ApiProperty({ type: String, format: 'date-time' }) expiresAt!: string;
}

export class AgentRunResponse {
  @ApiProperty({ type: String, example: 'run_01jd…' }) id!: string;
  @ApiProperty({ enum: RUN_STATUSES }) status!: RunStatus;
  @ApiProperty({ type: String }) text!: string;
  /** The answer in the form that `output` asked for. */
  @ApiProperty(ANY) output!: unknown;
  @ApiProperty({ type: [RunStepResponse] }) steps!: RunStepResponse[];
  @ApiProperty({ type: RunUsageResponse }) usage!: RunUsageResponse;
  /** Which key, at which version, answered; null when nothing was sent. */
  @ApiProperty({ type: RunServedResponse, nullable: true }) served!: RunServedResponse | null;
  /** Why it ended, of a run that succeeded: the model was done, its `maxSteps` were used, or a condition of `stopWhen` held, by its type. */
  @ApiPropertyOptional({ enum: STOP_REASONS }) stopReason?: StopReason;
  /** Of a run with the status `requires_action`. */
  @ApiPropertyOptional({ type: RequiredActionResponse }) requiredAction?: RequiredActionResponse;
  /** Where a policy keeps less than all of a run: what is missing in a later answer was not kept. */
  @ApiPropertyOptional({ enum: ['metadata', 'none'] }) retention?: 'metadata' | 'none';
  /**
   * Of a run that is over and of which a policy keeps less than all: `text`, `output` and the content of `steps` are not told, as they were not
   * kept. They are told where the run runs and where it is waited for or streamed at that process, up to 35 seconds after its end.
   */
  @ApiPropertyOptional({ type: Boolean, enum: [false] }) contentKept?: false;
  /** The problem of a run that did not succeed. */
  @ApiPropertyOptional({ type: Object, additionalProperties: true }) error?: object;
}

export class FetchedRunResponse extends AgentRunResponse {
  /**
   * With `include=request`: what it was asked, as it may go to a model: post it as `agent` under another nodeExecutionId to run it again. null where that is
   * not kept: a policy keeps less than all of the run (`retention`), a header of a tool may be a secret that is not a
   * reference, it has more than 256 KiB, or the run is of an earlier release.
   */
  @ApiPropertyOptional({ type: AgentDto, nullable: true }) request?: AgentDto | null;
}

export class ListedRunResponse extends AgentRunResponse {
  /** The caller's own id of the execution. */
  @ApiProperty({ type: String }) nodeExecutionId!: string;
  @ApiProperty({ type: String, nullable: true }) workflowId!: string | null;
  @ApiProperty({ format: 'date-time' }) startedAt!: string;
  /** null while it is not over. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) finishedAt!: string | null;
}

export class AgentRunPageResponse {
  @ApiProperty({ type: [ListedRunResponse] }) data!: ListedRunResponse[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
  @ApiProperty({ type: Boolean }) hasMore!: boolean;
}
