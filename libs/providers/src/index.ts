export { failureClassOf, type FailureClass } from './failure-class.js';
export { authHeaders, secretsOf, type CloudSettings, type ModelEndpoint } from './endpoint.js';
export { mintAccessToken } from './vertex-token.js';
export { listLiveModels, type LiveModel } from './live-models.js';
export { runAgentLoop } from './loop.js';
export type {
  AgentLoopOptions,
  LoopEnd,
  LoopEvent,
  LoopMessage,
  LoopOutput,
  LoopStep,
  LoopTool,
  LoopToolCall,
  LoopToolChoice,
  LoopUsage,
  StepSoFar,
} from './loop-types.js';
export { pingModel } from './ping.js';
export { withoutFences } from './without-fences.js';
export { withoutPatterns } from './without-patterns.js';
export { retryAfterSeconds, upstreamRequestId } from './upstream-errors.js';
export { Scrubber } from './scrubber.js';
export { countedTokens } from './translation/token-count.js';
export { translatedEmbeddings } from './translation/embeddings.js';
export { translatedCall, type TranslatedCall } from './translation/translated-call.js';
export type {
  NeutralEvent,
  NeutralFinish,
  NeutralMessage,
  NeutralPart,
  NeutralReasoning,
  NeutralRequest,
  NeutralTool,
  NeutralToolResult,
} from './translation/types.js';
