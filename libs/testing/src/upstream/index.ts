export { canariesIn, canaryEnvironment } from './canaries.js';
export { type JournalEntry } from './journal.js';
export { MINTED_TOKEN, startFakeUpstream, type FakeUpstream, type FakeUpstreamOptions } from './server.js';
export type {
  FakeToolCall,
  FakeUsage,
  NeutralCall,
  RecordedRequest,
  ScriptedAnswer,
  Vendor,
} from './types.js';
