export { type CallFacts, type TargetFacts, type ToolFacts } from './policies/facts.js';
export {
  callFindings,
  mildFindings,
  outputTokenCap,
  targetFindings,
  toolFindings,
  type PolicyFinding,
} from './policies/findings.js';
export { policyGate, refusalOf, type PolicyGate, type PolicyGateRefusal } from './policies/gate.js';
export { matchesGlob } from './policies/glob.js';
export { callFault, isContentRule, targetFault } from './policies/judge-rule.js';
export { plainRules, ruleFaults, type RuleInput } from './policies/rule-faults.js';
export { isTimeZone } from './policies/time-window.js';
export {
  actingRules,
  actionAt,
  actsOn,
  compilePattern,
  compileRules,
  contentRefusal,
  ContentTally,
  inspectAgent,
  inspectText,
  inspectAtOnce,
  inspectValue,
  joinContent,
  joinRules,
  judgePrompt,
  judgeRefusal,
  parseJudgeAnswer,
  PATTERN_LENGTH_MAX,
  PII_KINDS,
  policyContent,
  PROGRAM_SIZE_MAX,
  readText,
  replacementFor,
  retainable,
  RETENTION_LEVELS,
  StreamInspector,
  strictestRetention,
  Turns,
  TURNS,
  type AgentTexts,
  type CompiledRules,
  type ContentAction,
  type ContentRule,
  type Direction,
  type Finding,
  type FindingKind,
  type Inspection,
  type JudgeAnswer,
  type JudgeFailure,
  type JudgePrompt,
  type JudgeQuestion,
  type JudgeRule,
  type PatternRule,
  type PiiKind,
  type PiiRule,
  type PlacedFinding,
  type PlacedRule,
  type PolicyContent,
  type RetainableRun,
  type RetentionLevel,
  type RuleFault,
  type UnfitPolicy,
  type ValueInspection,
  type Verdict,
} from './content/index.js';
export { FairPlaces, PlacesFull, type PlaceHolder, type PlacesFullOf } from './places/fair-places.js';
export { backoffMs, UPSTREAM_ATTEMPTS } from './rate/backoff.js';
export { NO_UNITS, type Units } from './rate/bucket.js';
export { headRoom, rateRoom, type RateRoom } from './rate/head-room.js';
export { KeySlots, slotScope, type Slot, type SlotOptions, type SlotScope } from './rate/key-slots.js';
export { leaseSize, statedSlack } from './rate/lease.js';
export type { Permit } from './rate/permit.js';
export {
  RateFull,
  RateLimiter,
  type AcquireOptions,
  type RateDelay,
  type RateTiming,
} from './rate/rate-limiter.js';
export { MAX_DELAY_MS, rateLimited, secondsOf, UNNAMED_OUTPUT_TOKENS } from './rate/rate-refusal.js';
export { rateScope, scopesOf, type RateScope } from './rate/rate-scope.js';
export type { RateReading, RateStore, StoredBucket } from './rate/rate-store.port.js';
export { addUse, capsOutput, NO_USE, quotaAmount, quotasFor, type QuotaUse } from './quotas/amounts.js';
export { DEFAULT_OUTPUT_TOKENS, expectedBytes, inputBound } from './quotas/input-bound.js';
export { quotaExceeded, type FullQuota } from './quotas/quota-refusal.js';
