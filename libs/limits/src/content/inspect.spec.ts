import { describe, expect, it } from '@jest/globals';
import {
  compileRules,
  inspectAgent,
  inspectText,
  inspectValue,
  type CompiledRules,
  type ContentRule,
  type PiiKind,
} from './index.js';

function compiled(...rules: ContentRule[]): CompiledRules {
  const ready = compileRules(rules);
  if ('faults' in ready) throw new Error(JSON.stringify(ready.faults));
  return ready;
}

const redact = (...kinds: PiiKind[]): ContentRule => ({ type: 'pii', kinds, on: 'both', action: 'redact' });
const everything: ContentRule = { type: 'pii', on: 'both', action: 'redact' };

describe('#46 #48 a text is judged by all rules at once', () => {
  it('findings have their rule, kind and place in the original; replacements are the same for each kind', () => {
    const rules = compiled(redact('email', 'phone'), {
      type: 'pattern',
      pattern: 'proj-\\d+',
      on: 'both',
      action: 'redact',
    });
    expect(inspectText(rules, 'proj-7: a@b.com, (415) 555-2671, c@d.org', 'input')).toEqual({
      findings: [
        { ruleIndex: 1, kind: 'pattern', start: 0, end: 6 },
        { ruleIndex: 0, kind: 'email', start: 8, end: 15 },
        { ruleIndex: 0, kind: 'phone', start: 17, end: 31 },
        { ruleIndex: 0, kind: 'email', start: 33, end: 40 },
      ],
      text: '[REDACTED]: [EMAIL], [PHONE], [EMAIL]',
      verdict: 'redact',
    });
  });

  it('block beats redact, and both leave nothing of what they found; detect leaves all', () => {
    const rules = compiled(
      { type: 'pii', kinds: ['email'], on: 'both', action: 'redact' },
      { type: 'pii', kinds: ['iban'], on: 'both', action: 'block' },
      { type: 'pii', kinds: ['ipv4'], on: 'both', action: 'detect' },
    );
    const of = (text: string): [string, string] => {
      const { verdict, text: safe } = inspectText(rules, text, 'input');
      return [verdict, safe];
    };
    expect(of('from 10.1.2.3')).toEqual(['pass', 'from 10.1.2.3']);
    expect(of('a@b.com from 10.1.2.3')).toEqual(['redact', '[EMAIL] from 10.1.2.3']);
    expect(of('a@b.com, DE89370400440532013000')).toEqual(['block', '[EMAIL], [IBAN]']);
    expect(of('nothing here')).toEqual(['pass', 'nothing here']);
  });

  it('a rule holds for its direction alone', () => {
    const rules = compiled({ type: 'pii', on: 'output', action: 'block' });
    expect(inspectText(rules, 'a@b.com', 'input').verdict).toBe('pass');
    expect(inspectText(rules, 'a@b.com', 'output').verdict).toBe('block');
  });

  it('where kinds overlap the surer one names the place, and all that any of them saw is replaced', () => {
    expect(
      inspectText(compiled(everything), 'pay DE89 3704 0044 0532 0130 00 now', 'input').findings.map(
        ({ kind }) => kind,
      ),
    ).toEqual(['iban']);
    const rules = compiled(redact('email'), {
      type: 'pattern',
      pattern: 'to j',
      on: 'both',
      action: 'redact',
    });
    expect(inspectText(rules, 'write to j.doe@example.com', 'input').text).toBe('write [REDACTED]');
  });
});

describe('#48 the forms that people write are found', () => {
  it.each<[string, string]>([
    ['+49 (0)89 1234-5678', '[PHONE]'],
    ['(415) 555-2671', '[PHONE]'],
    ['tel:+1-415-555-2671', 'tel:[PHONE]'],
    ['my number: 612 345 678', 'my number: 612 345 678'],
    ['mobile 612 345 678', 'mobile [PHONE]'],
    ['4111 1111 1111 1111', '[CREDIT_CARD]'],
    ['5500-0000-0000-0004 exp 12/28', '[CREDIT_CARD] exp 12/28'],
    ['DE89 3704 0044 0532 0130 00', '[IBAN]'],
    ['gb82west12345698765432', '[IBAN]'],
    ['123-45-6789', '[SSN]'],
    ['SSN 123456789', 'SSN [SSN]'],
    ['john.doe+tag@sub.example.co.uk', '[EMAIL]'],
    ['<müller@bücher.de>', '<[EMAIL]>'],
    ['192.168.1.10', '[IP_ADDRESS]'],
    ['http://8.8.8.8/x', 'http://[IP_ADDRESS]/x'],
    ['2001:4860:4860::8888', '[IP_ADDRESS]'],
    ['00-1A-2B-3C-4D-5E', '[MAC_ADDRESS]'],
    ['RSSMRA85T10A562S', '[NATIONAL_ID]'],
    ['756.9217.0769.85', '[NATIONAL_ID]'],
    ['85.07.30-033.28', '[NATIONAL_ID]'],
    ['131052-308T', '[NATIONAL_ID]'],
    ['811228-9874', '[NATIONAL_ID]'],
    ['11010519491231002X', '[NATIONAL_ID]'],
    ['PESEL 44051401359', 'PESEL [NATIONAL_ID]'],
    ['2 55 08 14 168 025 38', '[NATIONAL_ID]'],
    ['DOB: 12/03/1990', 'DOB: [DATE_OF_BIRTH]'],
    ['Meeting 12/03/1990', 'Meeting 12/03/1990'],
    ['postgres://app:hunter22@db.internal/x', 'postgres://app:[SECRET]/x'],
    ['Authorization: Bearer abcdef0123456789abcdef01', 'Authorization: Bearer [SECRET]'],
    ['127.0.0.1 and ::1', '127.0.0.1 and ::1'],
    ['version 1.2.3.4', 'version 1.2.3.4'],
    ['4111 1111 1111 1112', '4111 1111 1111 1112'],
    ['DE88 3704 0044 0532 0130 00', 'DE88 3704 0044 0532 0130 00'],
  ])('%s', (text, expected) => {
    expect(inspectText(compiled(everything), text, 'input').text).toBe(expected);
  });
});

describe('#46 #48 everything that a call says to a model is inspected', () => {
  const rules = compiled(redact('email', 'credit_card'));

  it('instructions, prompt, messages, tool outputs, descriptions; nothing else of the agent', async () => {
    const agent = {
      model: 'gpt-x',
      system: 'Write to a@b.com',
      messages: [
        { role: 'user', content: 'I am c@d.org' },
        {
          role: 'assistant',
          content: 'ok',
          toolCalls: [{ toolCallId: 'e@f.com', name: 'mail', input: { to: ['g@h.com'] } }],
        },
        {
          role: 'tool',
          content: [
            { toolCallId: 'call_1', name: 'mail', output: { 'i@j.com': 4111111111111111, sent: true } },
          ],
        },
      ],
      tools: [{ type: 'http', name: 'mail', description: 'Ask k@l.com', url: 'https://m@n.com/' }],
    };
    const { value, verdict, findings } = await inspectAgent(rules, agent);
    expect(value).toEqual({
      model: 'gpt-x',
      system: 'Write to [EMAIL]',
      messages: [
        { role: 'user', content: 'I am [EMAIL]' },
        {
          role: 'assistant',
          content: 'ok',
          toolCalls: [{ toolCallId: 'e@f.com', name: 'mail', input: { to: ['[EMAIL]'] } }],
        },
        {
          role: 'tool',
          content: [
            { toolCallId: 'call_1', name: 'mail', output: { '[EMAIL]': '[CREDIT_CARD]', sent: true } },
          ],
        },
      ],
      tools: [{ type: 'http', name: 'mail', description: 'Ask [EMAIL]', url: 'https://m@n.com/' }],
    });
    expect(verdict).toBe('redact');
    expect(findings.map(({ pointer }) => pointer)).toEqual([
      '/system',
      '/messages/0/content',
      '/messages/1/toolCalls/0/input/to/0',
      '/messages/2/content/0/output/i@j.com~key',
      '/messages/2/content/0/output/i@j.com',
      '/tools/0/description',
    ]);
  });

  it('an agent with a prompt alone, and a clean one', async () => {
    expect((await inspectAgent(rules, { prompt: 'a@b.com' })).value).toEqual({ prompt: '[EMAIL]' });
    const clean = { system: 'be kind', prompt: 'hi', maxSteps: 3 };
    expect(await inspectAgent(rules, clean)).toEqual({ findings: [], value: clean, verdict: 'pass' });
  });

  it('members whose names become the same are all kept', async () => {
    const { value } = await inspectValue(rules, { 'a@b.com': 1, 'c@d.com': 2, 'x/y': ['e@f.com'] }, 'output');
    expect(value).toEqual({ '[EMAIL]': 1, '[EMAIL] (2)': 2, 'x/y': ['[EMAIL]'] });
  });
});
