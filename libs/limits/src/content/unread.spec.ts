import { describe, expect, it } from '@jest/globals';
import type { StatePolicy } from '#lib/contracts';
import {
  compileRules,
  ContentTally,
  inspectAgent,
  inspectText,
  policyContent,
  StreamInspector,
} from './index.js';

/** A line that is longer than this pattern may search at once. */
const LONG = `key: ${'a'.repeat(150_000)}`;

describe('#46 what a pattern cannot judge within its bound counts as found', () => {
  const compiled = compileRules([{ type: 'pattern', pattern: 'a.*z', on: 'both', action: 'redact' }]);
  if ('faults' in compiled) throw new Error('the rule is valid');
  const rules = compiled;

  it('it is replaced from there to the end of the text, and lines before it are read', () => {
    const { text, findings } = inspectText(rules, `fine\nxxaxxz\n${LONG}`, 'input');
    expect(text).toMatch(/^fine\nxx\[REDACTED\]\n?(?:\[REDACTED\])+$/);
    expect(findings.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['pattern', 'unread']));
    expect(findings.at(-1)?.end).toBe(12 + LONG.length);
  });

  it('a stream gives out the same, and keeps back no more of it than a part', () => {
    const inspector = new StreamInspector(rules, 'output');
    const text = `fine\n${LONG}`;
    const pieces: string[] = [];
    for (let at = 0; at < text.length; at += 1_000) pieces.push(inspector.push(text.slice(at, at + 1_000)));
    pieces.push(inspector.end());
    expect(pieces.join('')).toBe(inspectText(rules, text, 'output').text);
    expect(pieces.join('')).not.toContain('a');
  });

  it('a HIGH rule that blocks refuses it, and says that it was too long to be judged', async () => {
    const policy: StatePolicy = {
      id: 'pol_x',
      name: 'No keys',
      version: 1,
      severity: 'HIGH',
      scope: { type: 'organization' },
      rules: [{ type: 'pattern', pattern: 'a.*z', on: 'input', action: 'block' }],
    };
    const content = policyContent(policy);
    if ('unfit' in content) throw new Error(content.detail);
    const tally = new ContentTally(content);
    const { findings } = await inspectAgent(content.compiled, { prompt: LONG });
    tally.add(findings, 'input');
    expect(tally.blocked()).toMatchObject({
      fault: 'sends text that is too long for its pattern to be judged',
      severity: 'HIGH',
    });
  });
});
