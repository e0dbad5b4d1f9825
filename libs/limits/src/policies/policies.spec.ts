import { describe, expect, it } from '@jest/globals';
import {
  POLICY_SEVERITIES,
  type PolicyRule,
  type PolicyScope,
  type PolicySeverity,
  type StatePolicy,
} from '#lib/contracts';
import type { CallFacts } from './facts.js';
import { mildFindings, outputTokenCap } from './findings.js';
import { policyGate } from './gate.js';
import { matchesGlob } from './glob.js';
import { isInside } from './time-window.js';

const SATURDAY_NOON = new Date('2026-11-21T12:00:00Z');
const FACTS: CallFacts = {
  now: SATURDAY_NOON,
  surface: 'chat',
  tools: [{ name: 'send_mail', kind: 'http' }],
  maxOutputTokens: 1_000,
};
const TARGET = { provider: 'openai', model: 'gpt-4.1-mini' };
const SCOPES: PolicyScope[] = [
  { type: 'organization' },
  { type: 'workspace', id: 'ws_01jd0000000000000000000000' },
  { type: 'token', id: 'tok_01jd0000000000000000000000' },
];
const policy = (rules: PolicyRule[], severity: PolicySeverity = 'HIGH', scope = SCOPES[0]!): StatePolicy => ({
  id: 'pol_01jd0000000000000000000000',
  name: 'House rules',
  version: 3,
  ...{ scope, severity, rules },
});
const window = (days: number[], from: string, to: string, timeZone = 'UTC') =>
  ({ type: 'time_window', days, from, to, timeZone }) as const;

/** Name, rule, what breaks it (null: the call above keeps it). */
const RULES: [string, PolicyRule, RegExp | null][] = [
  ['providers: not denied', { type: 'providers', deny: ['google'] }, null],
  ['providers: denied', { type: 'providers', deny: ['openai'] }, /provider "openai"/],
  ['providers: allowed', { type: 'providers', allow: ['openai'] }, null],
  ['providers: not among the allowed', { type: 'providers', allow: ['google'] }, /provider "openai"/],
  ['a deny beats an allow', { type: 'providers', allow: ['openai'], deny: ['openai'] }, /"openai"/],
  ['models: glob over the id', { type: 'models', deny: ['gpt-4*'] }, /model "gpt-4.1-mini"/],
  ['models: `?` is one character', { type: 'models', deny: ['gpt-4?1-mini'] }, /gpt-4.1-mini/],
  ['models: glob over provider/model', { type: 'models', allow: ['openai/*-mini'] }, null],
  ['models: another provider’s', { type: 'models', deny: ['azure/*'] }, null],
  ['models: upper and lower case alike', { type: 'models', deny: ['GPT-4.1-MINI'] }, /gpt-4.1-mini/],
  ['surfaces: allowed', { type: 'surfaces', allow: ['chat'] }, null],
  ['surfaces: denied', { type: 'surfaces', deny: ['chat'] }, /surface "chat"/],
  ['tools: by name', { type: 'tools', deny: ['send_*'] }, /tool "send_mail"/],
  ['tools: not among the allowed', { type: 'tools', allow: ['read_*'] }, /tool "send_mail"/],
  ['tools: by kind', { type: 'tools', kinds: ['client', 'mcp'] }, /kind "http"/],
  ['tools: of an allowed kind', { type: 'tools', kinds: ['http'] }, null],
  ['max_output_tokens: above', { type: 'max_output_tokens', max: 999 }, /1000 output tokens, and 999/],
  ['max_output_tokens: at it', { type: 'max_output_tokens', max: 1_000 }, null],
  ['time_window: inside', window([6], '09:00', '17:00'), null],
  ['time_window: another day', window([1, 2, 3, 4, 5], '09:00', '17:00'), /outside of the allowed time/],
  ['time_window: its end is outside', window([6], '09:00', '12:00'), /outside/],
  ['time_window: its beginning is inside', window([6], '12:00', '13:00'), null],
];

describe.each(SCOPES)('#46 a policy for $type', (scope) => {
  describe.each(POLICY_SEVERITIES)('of severity %s', (severity) => {
    it.each(RULES)('%s', (_name, rule, broken) => {
      const policies = [policy([{ type: 'providers', allow: ['openai'] }, rule], severity, scope)];
      const gate = policyGate(policies, FACTS);
      const refusal = gate.call ?? gate.target(TARGET.provider, TARGET.model);
      const mild = mildFindings(policies, FACTS, TARGET);
      const known = { policy: { id: policies[0]!.id, name: 'House rules', version: 3 }, scope, severity };
      const finding = { ...known, rule: { index: 1, type: rule.type } };
      if (broken === null) {
        expect([refusal, mild]).toEqual([null, []]);
      } else if (severity === 'HIGH') {
        expect(mild).toEqual([]);
        expect(refusal).toMatchObject({ code: 'policy_violation', extras: finding });
        expect(refusal!.detail).toMatch(broken);
        expect(refusal!.detail).toMatch(/"House rules".*rule 2.*OWNER or ADMIN/);
      } else {
        expect(refusal).toBeNull();
        expect(mild).toEqual([expect.objectContaining({ ...finding, fault: expect.stringMatching(broken) })]);
      }
    });
  });
});

describe('#46 what is not known is not judged, and what is unknown is not let through', () => {
  it('the models’ list has no surface, no tools and no limit', () => {
    const rules: PolicyRule[] = [
      { type: 'surfaces', allow: ['x'] },
      { type: 'tools', allow: ['x'] },
      { type: 'max_output_tokens', max: 1 },
    ];
    expect(policyGate([policy(rules)], { now: SATURDAY_NOON }).call).toBeNull();
  });

  it('says so of each such rule, and never that its policy allows the call', () => {
    const open = { ...policy([{ type: 'providers', allow: ['openai'] }]), name: 'Judged' };
    const content: PolicyRule = { type: 'pii', kinds: ['email'], action: 'block', on: 'input' };
    const rules: PolicyRule[] = [
      { type: 'surfaces', allow: ['x'] },
      { type: 'tools', kinds: ['mcp'] },
      { type: 'max_output_tokens', max: 1 },
      content,
    ];
    const { call, passed } = policyGate([open, policy(rules)], { now: SATURDAY_NOON, surface: 'x' });
    expect(call).toBeNull();
    expect(passed).toMatch(/^Allowed by "Judged" \(HIGH\)\. Not judged: /);
    expect(passed).not.toMatch(/Allowed by [^.]*House rules/);
    expect(passed).toMatch(/"House rules" \(HIGH\), rule 2 \(tools\): .*which tools/);
    expect(passed).toMatch(/rule 3 \(max_output_tokens\): .*how many output tokens/);
    expect(passed).toMatch(/rule 4 \(pii\): .*what is said/);
    expect(passed).not.toMatch(/rule 1/);
    // All that a call can say is said: only what reads its texts is left.
    const told = policyGate([open, policy(rules)], { ...FACTS, surface: 'x', tools: [], maxOutputTokens: 1 });
    expect([told.call, told.passed]).toEqual([null, expect.not.stringMatching(/rule [123]/)]);
    expect(policyGate([open], FACTS).passed).toBe('Allowed by "Judged" (HIGH).');
  });

  it('a call without a surface is none of the allowed ones', () => {
    const gate = policyGate([policy([{ type: 'surfaces', allow: ['chat'] }])], { ...FACTS, surface: null });
    expect(gate.call?.detail).toMatch(/names no surface/);
  });

  it('a rule of a newer version stops the call', () => {
    const newer = JSON.parse('{"type": "from_the_future"}') as PolicyRule;
    expect(policyGate([policy([newer])], FACTS).call?.detail).toMatch(/does not know/);
  });

  it('rules over models say nothing of a provider as a whole', () => {
    const gate = policyGate([policy([{ type: 'models', deny: ['*'] }])], FACTS);
    expect(gate.target('openai', null)).toBeNull();
    expect(gate.target('openai', 'x')?.code).toBe('policy_violation');
  });
});

describe('#46 max_output_tokens for a call that names none', () => {
  const cap = (max: number, severity: PolicySeverity = 'HIGH') =>
    policy([{ type: 'max_output_tokens', max }], severity);

  it('is the least of the blocking policies', () => {
    expect(outputTokenCap([cap(300), cap(200), cap(10, 'MEDIUM')])).toBe(200);
    expect(outputTokenCap([cap(10, 'LOW')])).toBeNull();
  });

  it('is no violation before the call and one in the middle of it, where it can’t be given any more', () => {
    const named = { ...FACTS, maxOutputTokens: null };
    expect(policyGate([cap(5)], named).call).toBeNull();
    expect(policyGate([cap(5)], { ...named, underWay: true }).call?.detail).toMatch(/without a limit/);
  });
});

describe('#46 time windows', () => {
  it.each([
    [
      'Saturday 23:30 is in Friday-and-Saturday nights',
      [5, 6],
      '22:00',
      '06:00',
      '2026-11-21T23:30:00Z',
      true,
    ],
    ['Sunday 05:59 belongs to Saturday night', [6], '22:00', '06:00', '2026-11-22T05:59:00Z', true],
    ['Sunday 06:00 does not', [6], '22:00', '06:00', '2026-11-22T06:00:00Z', false],
    ['Saturday 05:00 belongs to Friday night', [6], '22:00', '06:00', '2026-11-21T05:00:00Z', false],
    ['equal times are a whole day', [6], '00:00', '00:00', '2026-11-21T12:00:00Z', true],
    ['… and no other', [6], '00:00', '00:00', '2026-11-22T12:00:00Z', false],
  ])('%s', (_name, days, from, to, now, inside) => {
    expect(isInside(window(days, from, to), new Date(now))).toBe(inside);
  });

  it('go by the clocks of their zone, summer time included', () => {
    const nineToFive = (now: string) =>
      isInside(window([1], '09:00', '17:00', 'Europe/Berlin'), new Date(now));
    expect(nineToFive('2026-07-06T07:30:00Z')).toBe(true); // 09:30 in summer
    expect(nineToFive('2026-12-07T07:30:00Z')).toBe(false); // 08:30 in winter
    expect(isInside(window([0], '00:00', '06:00', 'Asia/Tokyo'), new Date('2026-11-21T16:00:00Z'))).toBe(
      true,
    );
  });
});

describe('globs', () => {
  it.each([
    ['*', '', true],
    ['a*c', 'abbbc', true],
    ['a*c', 'abbb', false],
    ['?', '', false],
    ['a?', 'a', false],
    ['**a', 'bba', true],
    ['gpt-4.1', 'gpt-4x1', false],
    ['claude-*-4-?', 'claude-opus-4-7', true],
  ])('%s on "%s": %s', (glob, text, matches) => expect(matchesGlob(glob, text)).toBe(matches));

  it('take no time to speak of on the worst input', () => {
    const [glob, text] = ['*a'.repeat(100), 'b'.repeat(200)];
    const startedMs = performance.now();
    for (let i = 0; i < 100; i += 1) expect(matchesGlob(`${glob}c`, text)).toBe(false);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});
