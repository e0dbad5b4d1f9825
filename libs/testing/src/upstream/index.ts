export { canariesIn, canaryEnvironment } from './canaries.js';
export { startForeignFake, WEATHER_TOOL, type ForeignFake } from './foreign-fake.js';
export { type JournalEntry } from './journal.js';
export { MINTED_TOKEN, startFakeUpstream, type FakeUpstream, type FakeUpstreamOptions } from './server.js';
export type {
  FakeToolCall,
  FakeUsage,
  NeutralCall,
  RecordedRequest,
  ScriptedAnswer,
  TokenAnswer,
  Vendor,
} from './types.js';
