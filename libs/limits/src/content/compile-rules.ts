import type { Efforts } from './efforts.js';
import type { Candidate } from './findings.js';
import { compilePattern, type SafePattern } from './patterns/compile.js';
import { PatternScanner } from './patterns/pattern-scanner.js';
import { candidatesFor, PiiScanner, type KindsWanted } from './pii/pii-scanner.js';
import { SecretScanner } from './pii/secret-scanner.js';
import {
  PII_KINDS,
  type ContentAction,
  type ContentRule,
  type Direction,
  type RuleDirection,
} from './rules.js';
import type { Scanner } from './scanner.js';

interface PatternWanted {
  ruleIndex: number;
  pattern: SafePattern;
  rule: ContentRule;
}

/** Rules that are ready to run. Make it once for each version of a policy: compiling costs far more than running. */
export interface CompiledRules {
  readonly pii: (KindsWanted & { on: RuleDirection })[];
  readonly patterns: PatternWanted[];
}

/** A rule that cannot be compiled, by its place in the list. */
export interface RuleFault {
  ruleIndex: number;
  detail: string;
}

/** Compiles the rules, or answers every fault. A rule that cannot run is never left out in silence. */
export function compileRules(rules: readonly ContentRule[]): CompiledRules | { faults: RuleFault[] } {
  const compiled: CompiledRules = { pii: [], patterns: [] };
  const faults: RuleFault[] = [];
  rules.forEach((rule, ruleIndex) => {
    if (rule.type === 'pii') {
      compiled.pii.push({ ruleIndex, kinds: rule.kinds ?? PII_KINDS, action: rule.action, on: rule.on });
      return;
    }
    const pattern = compilePattern(rule.pattern);
    if ('fault' in pattern) faults.push({ ruleIndex, detail: pattern.fault });
    else compiled.patterns.push({ ruleIndex, pattern, rule });
  });
  return faults.length > 0 ? { faults } : compiled;
}

/** Several lists of compiled rules as one, each of `count` rules: their places are counted on from list to list. */
export function joinRules(parts: readonly { compiled: CompiledRules; count: number }[]): CompiledRules {
  const joined: CompiledRules = { pii: [], patterns: [] };
  let before = 0;
  for (const { compiled, count } of parts) {
    const offset = before;
    const moved = <T extends { ruleIndex: number }>(rule: T): T => ({
      ...rule,
      ruleIndex: rule.ruleIndex + offset,
    });
    joined.pii.push(...compiled.pii.map(moved));
    joined.patterns.push(...compiled.patterns.map(moved));
    before += count;
  }
  return joined;
}

/** Whether any of these rules changes or stops a text that goes this way. */
export function actsOn({ pii, patterns }: CompiledRules, on: Direction): boolean {
  const acts = (rule: { on: RuleDirection; action: ContentAction }): boolean =>
    (rule.on === on || rule.on === 'both') && rule.action !== 'detect';
  return pii.some(acts) || patterns.some(({ rule }) => acts(rule));
}

/** Fresh scanners for one text: those that act on it, or those that only tell. */
export function scannersFor(
  rules: CompiledRules,
  on: Direction,
  acting: boolean,
  efforts: Efforts,
): Scanner[] {
  const applies = (rule: { on: RuleDirection; action: ContentAction }): boolean =>
    (rule.on === on || rule.on === 'both') && (rule.action !== 'detect') === acting;
  const scanners: Scanner[] = [];
  const wanted = rules.pii.filter(applies);
  if (wanted.some(({ kinds }) => kinds.some((kind) => kind !== 'secret')))
    scanners.push(new PiiScanner(wanted));
  if (wanted.some(({ kinds }) => kinds.includes('secret')))
    scanners.push(
      new SecretScanner((start, end): Candidate[] => candidatesFor(wanted, 'secret', start, end)),
    );
  for (const { ruleIndex, pattern, rule } of rules.patterns)
    if (applies(rule)) scanners.push(new PatternScanner(pattern, ruleIndex, rule.action, efforts));
  return scanners;
}
