import { describe, expect, it } from '@jest/globals';
import type { PolicyRule, PolicySeverity, StatePolicy } from '#lib/contracts';
import {
  actingRules,
  actionAt,
  ContentTally,
  inspectText,
  joinContent,
  judgeRefusal,
  policyContent,
  type PolicyContent,
} from '#lib/limits';

const MAIL = 'jane.roe@corp.example.com';

function policy(rules: PolicyRule[], severity: PolicySeverity = 'HIGH', name = 'P'): StatePolicy {
  return { id: `pol_${name}`, name, scope: { type: 'organization' }, severity, rules, version: 3 };
}

function content(...policies: StatePolicy[]): PolicyContent {
  return joinContent(
    policies.map((one) => {
      const made = policyContent(one);
      if ('unfit' in made) throw new Error(made.detail);
      return made;
    }),
  );
}

const pii = (
  action: 'detect' | 'redact' | 'block',
  on: 'input' | 'output' | 'both' = 'both',
): PolicyRule => ({
  ...{ type: 'pii', kinds: ['email'], on, action },
});
const JUDGE = { type: 'judge', instruction: 'x', aiProviderId: 'aip_1', model: 'm', on: 'input' } as const;

describe('#46 #48 what a rule does at a severity', () => {
  it.each([
    ['LOW', 'detect', 'detect'],
    ['LOW', 'redact', 'redact'],
    ['LOW', 'block', 'detect'],
    ['MEDIUM', 'detect', 'detect'],
    ['MEDIUM', 'redact', 'redact'],
    ['MEDIUM', 'block', 'detect'],
    ['HIGH', 'detect', 'detect'],
    ['HIGH', 'redact', 'redact'],
    ['HIGH', 'block', 'block'],
  ] as const)('%s %s → %s', (severity, action, does) => {
    expect(actionAt(severity, action)).toBe(does);
    const made = content(policy([pii(action)], severity));
    const { verdict, text, findings } = inspectText(made.compiled, MAIL, 'input');
    expect(verdict).toBe(does === 'detect' ? 'pass' : does);
    expect(text === MAIL).toBe(does === 'detect');
    const tally = new ContentTally(made);
    tally.add(findings, 'input');
    expect([tally.blocked() !== null, tally.noted().length]).toEqual(
      does === 'block' ? [true, 0] : [false, 1],
    );
  });
});

describe('#46 several policies', () => {
  it('are read together, each finding by the rule that found it', () => {
    const made = content(
      policy([{ type: 'max_output_tokens', max: 5 }, pii('redact')], 'LOW', 'A'),
      policy([{ type: 'pattern', pattern: 'roe', on: 'input', action: 'block' }, pii('detect')], 'HIGH', 'B'),
    );
    const tally = new ContentTally(made);
    const { findings } = inspectText(made.compiled, `To ${MAIL} and ${MAIL}.`, 'input');
    tally.add(findings, 'input');
    expect(tally.blocked()).toMatchObject({
      ...{ policy: { name: 'B', version: 3 }, rule: { index: 0, type: 'pattern' }, severity: 'HIGH' },
      fault: 'sends 2 × what its pattern finds',
    });
    expect(tally.noted().map(({ policy: { name }, rule, fault }) => [name, rule.index, fault])).toEqual(
      expect.arrayContaining([
        ['A', 1, 'sends 2 × email, which was redacted'],
        ['B', 1, 'sends 2 × email'],
      ]),
    );
    expect(JSON.stringify([tally.blocked(), tally.noted()])).not.toContain('jane');
  });

  it('#48 the strictest retention holds, at whatever severity', () => {
    const keeps = (level: 'full' | 'metadata' | 'none') =>
      policy([{ type: 'retention', content: level }], 'LOW', level);
    expect(content().retention).toBe('full');
    expect(content(keeps('metadata'), keeps('full')).retention).toBe('metadata');
    expect(content(keeps('none'), keeps('metadata')).retention).toBe('none');
  });
});

describe('#46 rules that act', () => {
  it.each<[string, StatePolicy, number]>([
    ['one that only looks', policy([pii('detect')]), 0],
    ['a block below HIGH', policy([pii('block')], 'MEDIUM'), 0],
    ['a judge below HIGH', policy([JUDGE], 'LOW'), 0],
    ['retention', policy([{ type: 'retention', content: 'none' }]), 0],
    ['a block', policy([pii('block')]), 1],
    ['a redaction, however mild', policy([pii('redact')], 'LOW'), 1],
    ['a judge', policy([JUDGE]), 1],
  ])('%s', (_name, one, count) => {
    expect(actingRules(content(one)).size).toBe(count);
  });

  it('are the same by what they say, whatever the policy is called and however its rule is written down', () => {
    const written = policy(
      [{ action: 'redact', on: 'both', kinds: ['email'], type: 'pii' }],
      'HIGH',
      'Other',
    );
    expect([...actingRules(content(written)).keys()]).toEqual([
      ...actingRules(content(policy([pii('redact')]))).keys(),
    ]);
  });
});

describe('#46 what cannot be applied', () => {
  it.each<[string, PolicyRule]>([
    ['a pattern of another engine', { type: 'pattern', pattern: 'a(?=b)', on: 'input', action: 'detect' }],
    ['a kind that is not known', { type: 'pii', kinds: ['names'], on: 'input', action: 'detect' }],
  ])('%s is never left out in silence', (_name, rule) => {
    expect(policyContent(policy([pii('detect'), rule]))).toMatchObject({ unfit: { index: 1 } });
  });
});

describe('#46 what a judge came to', () => {
  it('is told without its words', () => {
    const placed = { policy: policy([JUDGE]), index: 0, rule: JUDGE };
    expect(judgeRefusal(placed, 'input', 'violates').fault).toBe(
      'breaks it with what it sends, as the policy’s judge m says',
    );
    expect(judgeRefusal(placed, 'output', { failed: 'not_json' }).fault).toBe(
      'could not be judged by its answer: the policy’s judge did not answer (not_json)',
    );
  });
});
