export { ClavigerAdmin } from './admin/admin.js';
export {
  AiProviders,
  type AiProvider,
  type AiProviderTest,
  type NewAiProvider,
} from './admin/ai-providers.js';
export { Workspaces, type Workspace } from './admin/workspaces.js';
export { Approvals, type ApprovalAnswer } from './approvals.js';
export { Claviger, fromEnv, type ClavigerOptions, type Environment } from './claviger.js';
export { ERROR_CODES, isErrorCode, type ErrorCode } from './error-codes.js';
export { ClavigerError, ConnectionError, ContentNotKeptError, type AnyClavigerError } from './errors.js';
export { type CallOptions, type ConnectionOptions } from './http/options.js';
export { RUN_EVENT_TYPES, type RunEvent, type RunEventData, type RunEventType } from './runs/events.js';
export { Runs } from './runs/runs.js';
export {
  WebhookError,
  webhooks,
  type WebhookFault,
  type WebhookHeaders,
  type WebhookMessage,
  type WebhookRequest,
} from './webhooks.js';
export {
  type Agent,
  type AgentRun,
  type AwaitedApproval,
  type AwaitedToolCall,
  type CompareInput,
  type Compared,
  type Comparison,
  type ModelList,
  type Problem,
  type RequiredAction,
  type RunFilter,
  type RunInput,
  type RunStatus,
  type RunStep,
  type ToolCall,
  type ToolOutput,
} from './wire.js';
