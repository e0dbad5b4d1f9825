import { describe, expect, it } from '@jest/globals';
import { piiCorpus } from '#lib/testing';
import { compileRules, inspectText, type CompiledRules } from './index.js';

const EACH = 150;
const SEED = Number(process.env.CLAVIGER_PII_SEED ?? Math.floor(Math.random() * 4_294_967_296));

function allKinds(): CompiledRules {
  const rules = compileRules([{ type: 'pii', on: 'both', action: 'detect' }]);
  if ('faults' in rules) throw new Error('the rule is valid');
  return rules;
}

/** Share by name, in per cent, and the texts that went wrong. */
function tally(
  results: { name: string; good: boolean; text: string }[],
): Map<string, [share: number, wrong: string[]]> {
  const by = new Map<string, { good: boolean; text: string }[]>();
  for (const result of results) by.set(result.name, [...(by.get(result.name) ?? []), result]);
  return new Map(
    [...by].map(([name, all]) => {
      const wrong = all.filter(({ good }) => !good).map(({ text }) => text);
      return [name, [1 - wrong.length / all.length, wrong]];
    }),
  );
}

describe('#48 personal data is found in what people write', () => {
  const rules = allKinds();
  const { positives, negatives } = piiCorpus(SEED, EACH);

  it('at least 95 of 100 values are found, by kind, each with its kind and its whole place', () => {
    const results = positives.map(({ kind, text, start, end }) => {
      const { findings } = inspectText(rules, text, 'input');
      const good = findings.some(
        (one) =>
          one.kind === kind && one.start <= start && one.end >= end && one.end - one.start <= end - start + 4,
      );
      return { name: kind, good, text };
    });
    const shares = tally(results);
    const lines = [...shares].map(([kind, [share]]) => `${kind} ${(share * 100).toFixed(1)} %`);
    console.log(`seed ${SEED}: ${positives.length} values, found: ${lines.join(', ')}`);
    for (const [kind, [share, wrong]] of shares)
      expect([`seed ${SEED}`, kind, share >= 0.95 ? [] : wrong]).toEqual([`seed ${SEED}`, kind, []]);
  });

  it('at most 2 of 100 texts without personal data have a finding, by sort', () => {
    const results = negatives.map(({ sort, text }) => {
      const { findings } = inspectText(rules, text, 'input');
      return { name: sort, good: findings.length === 0, text: `${text}  ${JSON.stringify(findings)}` };
    });
    const shares = tally(results);
    const lines = [...shares].map(([sort, [share]]) => `${sort} ${((1 - share) * 100).toFixed(1)} %`);
    console.log(`seed ${SEED}: ${negatives.length} texts without, found by mistake: ${lines.join(', ')}`);
    for (const [sort, [share, wrong]] of shares)
      expect([`seed ${SEED}`, sort, share >= 0.98 ? [] : wrong]).toEqual([`seed ${SEED}`, sort, []]);
  });
});
