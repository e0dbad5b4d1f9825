import type {
  AgentDto,
  AgentRunResponse,
  AgentRunsListData,
  AwaitedApprovalResponse,
  AwaitedToolCallResponse,
  CompareDto,
  ComparedResponse,
  CompareResponse,
  CreateAgentRunDto,
  ModelListResponse,
  Problem as ProblemDocument,
  RequiredActionResponse,
  RunStepResponse,
  RunToolCallResponse,
  ToolOutputDto,
} from './generated/engine/types.gen.js';

/** What an agent node runs: model, prompt or messages, tools, output. */
export type Agent = AgentDto;
export type ModelList = ModelListResponse;
export type ToolOutput = ToolOutputDto;
export type RunStatus = AgentRunResponse['status'];

/** RFC 9457 problem as it came, with what its code adds (`runId`, `policies`, `limit`, …). */
export type Problem = ProblemDocument;

/** A run to make. Without a `nodeExecutionId` one is made, and kept over all tries of this call. */
export type RunInput = Omit<CreateAgentRunDto, 'nodeExecutionId'> & { nodeExecutionId?: string };
export type CompareInput = CompareDto;

/** What the document says as "any JSON value". */
export interface ToolCall extends Omit<RunToolCallResponse, 'input' | 'output'> {
  input: unknown;
  output: unknown;
}

export interface RunStep extends Omit<RunStepResponse, 'toolCalls'> {
  toolCalls: ToolCall[];
}

/** A call of a tool that the caller runs itself: see `runs.submitToolOutputs`. */
export type AwaitedToolCall = Omit<AwaitedToolCallResponse, 'input'> & { input: unknown };
/** A call that is made when somebody says so: see `approvals.answer`. */
export type AwaitedApproval = Omit<AwaitedApprovalResponse, 'input'> & { input: unknown };

/** What a run with `status: "requires_action"` waits for, until `expiresAt` (RFC 3339). */
export interface RequiredAction extends Omit<RequiredActionResponse, 'toolCalls' | 'approvals'> {
  toolCalls: AwaitedToolCall[];
  approvals: AwaitedApproval[];
}

export interface AgentRun extends Omit<AgentRunResponse, 'output' | 'requiredAction' | 'error' | 'steps'> {
  output: unknown;
  steps: RunStep[];
  requiredAction?: RequiredAction;
  /** The problem of a run that did not succeed. */
  error?: Problem;
}

/** Which runs to list; `limit` is the length of one page. */
export type RunFilter = Omit<NonNullable<AgentRunsListData['query']>, 'cursor'>;

export interface Compared extends Omit<ComparedResponse, 'run' | 'error'> {
  run: AgentRun | null;
  error: Problem | null;
}

export interface Comparison extends Omit<CompareResponse, 'results'> {
  results: Compared[];
}
