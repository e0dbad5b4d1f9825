import type { CompiledRules } from './compile-rules.js';
import { Efforts } from './efforts.js';
import type { Finding, Verdict } from './findings.js';
import type { Direction } from './rules.js';
import { StreamInspector } from './stream-inspector.js';
import { atOnce } from './turns.js';

export interface Inspection {
  findings: Finding[];
  /** With everything replaced that a rule redacts or blocks. */
  text: string;
  verdict: Verdict;
}

/** Inspects a whole text at once. `block` beats `redact`; what is only detected leaves the text and the verdict as they are. */
export function inspectText(rules: CompiledRules, text: string, on: Direction): Inspection {
  return atOnce(readText(rules, text, on));
}

/** The same, to be interrupted wherever it yields: some kilobytes are read in between. `efforts`: of the call that the text is part of. */
export function* readText(
  rules: CompiledRules,
  text: string,
  on: Direction,
  efforts = new Efforts(),
): Generator<void, Inspection> {
  const inspector = new StreamInspector(rules, on, { stopAtBlock: false, efforts });
  const safe = yield* inspector.read(text, true);
  const findings = inspector.findings.sort((a, b) => a.start - b.start || a.ruleIndex - b.ruleIndex);
  return { findings, text: safe, verdict: inspector.verdict };
}
