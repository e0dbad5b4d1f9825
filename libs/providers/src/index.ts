export { secretsOf, type CloudSettings, type ModelEndpoint } from './endpoint.js';
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
} from './loop-types.js';
export { pingModel } from './ping.js';
export { Scrubber } from './scrubber.js';
