export { actsOn, compileRules, joinRules, type CompiledRules, type RuleFault } from './compile-rules.js';
export { contentRefusal, ContentTally, judgeRefusal } from './content-findings.js';
export { replacementFor, type Finding, type FindingKind, type Verdict } from './findings.js';
export { inspectAgent, type AgentTexts } from './inspect-agent.js';
export { inspectText, readText, type Inspection } from './inspect-text.js';
export { inspectAtOnce, inspectValue, type PlacedFinding, type ValueInspection } from './inspect-value.js';
export { parseJudgeAnswer, type JudgeAnswer, type JudgeFailure } from './judge/answer.js';
export { judgePrompt, type JudgePrompt, type JudgeQuestion } from './judge/prompt.js';
export { compilePattern, PATTERN_LENGTH_MAX, PROGRAM_SIZE_MAX } from './patterns/compile.js';
export {
  actingRules,
  actionAt,
  joinContent,
  policyContent,
  type JudgeRule,
  type PlacedRule,
  type PolicyContent,
  type UnfitPolicy,
} from './policy-content.js';
export {
  retainable,
  RETENTION_LEVELS,
  strictestRetention,
  type RetainableRun,
  type RetentionLevel,
} from './retention.js';
export {
  PII_KINDS,
  type ContentAction,
  type ContentRule,
  type Direction,
  type PatternRule,
  type PiiKind,
  type PiiRule,
} from './rules.js';
export { StreamInspector } from './stream-inspector.js';
export { Turns, TURNS } from './turns.js';
