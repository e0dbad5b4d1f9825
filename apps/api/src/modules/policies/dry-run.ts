import type { PolicyRule } from '#lib/contracts';
import {
  callFault,
  compileRules,
  inspectValue,
  isContentRule,
  PII_KINDS,
  targetFault,
  type CallFacts,
  type CompiledRules,
} from '#lib/limits';
import type { KeptAnswer, RecentCall } from './recent-runs.repository.js';

/** What one rule says of what is kept of a call: half a sentence, `allowed`, or that too little is kept to say. */
export type Judgement = { fault: string } | 'allowed' | 'not_judged';

/** Judges a call that was made by a rule that was not there. The run's start stands for the time of its calls. */
export async function judgeKept(
  rule: PolicyRule,
  call: RecentCall,
  [found, answer]: [CompiledRules?, KeptAnswer?] = [],
): Promise<Judgement> {
  if (isContentRule(rule)) return found && answer ? await judgeAnswer(rule, answer, found) : 'not_judged';
  const needsMore = ['surfaces', 'tools', 'max_output_tokens'].includes(rule.type);
  if (needsMore && call.tools === null) return 'not_judged';
  const { provider, model, surface, maxOutputTokens, at: now } = call;
  const facts: CallFacts = { now, surface, maxOutputTokens, ...(call.tools && { tools: call.tools }) };
  const fault = callFault(rule, facts) ?? targetFault(rule, { provider, model });
  return fault === null ? 'allowed' : { fault };
}

/** Prompts are kept nowhere: a rule that reads them as well can be broken by what is kept, and never said to be kept to. */
async function judgeAnswer(
  rule: PolicyRule,
  { text, output, steps }: KeptAnswer,
  compiled: CompiledRules,
): Promise<Judgement> {
  if (!('on' in rule)) return 'not_judged';
  const said = { text, output, steps: steps.map(({ text: step, toolCalls }) => [step, toolCalls]) };
  const { findings } = await inspectValue(compiled, said, 'output');
  if (findings.length > 0) return { fault: 'is answered with what the rule looks for' };
  return rule.on === 'output' ? 'allowed' : 'not_judged';
}

/** Whether a rule is judged by the answers that are kept: one that only a model could apply is not. */
export function readsAnswers(rule: PolicyRule): rule is Extract<PolicyRule, { type: 'pii' | 'pattern' }> {
  return (rule.type === 'pii' || rule.type === 'pattern') && rule.on !== 'input';
}

function readerOf(rule: PolicyRule): CompiledRules | undefined {
  if (!readsAnswers(rule)) return undefined;
  const wanted =
    rule.type === 'pattern'
      ? rule
      : { ...rule, kinds: PII_KINDS.filter((kind) => rule.kinds?.includes(kind) ?? true) };
  const compiled = compileRules([{ ...wanted, action: 'detect' }]);
  return 'faults' in compiled ? undefined : compiled;
}

export interface DryRunFigures {
  runs: number;
  matched: number;
  rules: { matched: number; notJudged: number }[];
  samples: { call: RecentCall; ruleIndex: number; fault: string }[];
}

const SAMPLES = 20;

/** What these rules would have made of these calls, counted by run. */
export async function dryRun(
  rules: readonly PolicyRule[],
  calls: readonly RecentCall[],
  answers: ReadonlyMap<string, KeptAnswer>,
): Promise<DryRunFigures> {
  const matched = new Set<string>();
  const readers = rules.map(readerOf);
  const perRule = rules.map(() => ({ matched: new Set<string>(), notJudged: new Set<string>() }));
  const samples: DryRunFigures['samples'] = [];
  for (const call of calls) {
    for (const [ruleIndex, rule] of rules.entries()) {
      const judgement = await judgeKept(rule, call, [readers[ruleIndex], answers.get(call.runId)]);
      if (judgement === 'not_judged') perRule[ruleIndex]!.notJudged.add(call.runId);
      if (typeof judgement === 'string') continue;
      perRule[ruleIndex]!.matched.add(call.runId);
      if (!matched.has(call.runId) && samples.length < SAMPLES)
        samples.push({ call, ruleIndex, fault: judgement.fault });
      matched.add(call.runId);
    }
  }
  return {
    runs: new Set(calls.map(({ runId }) => runId)).size,
    matched: matched.size,
    rules: perRule.map((rule) => ({ matched: rule.matched.size, notJudged: rule.notJudged.size })),
    samples,
  };
}
