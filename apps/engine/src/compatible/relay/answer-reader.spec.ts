import { describe, expect, it } from '@jest/globals';
import { joinContent, policyContent, type PolicyContent } from '#lib/limits';
import type { PolicyRule } from '#lib/contracts';
import { Scrubber } from '#lib/providers';
import { JsonMembers } from '../body/json-members.js';
import { anthropicMessages } from '../anthropic/messages.js';
import { geminiStream } from '../gemini/generate.js';
import { openaiChat } from '../openai/chat.js';
import { openaiResponses } from '../openai/responses.js';
import type { WireOperation } from '../wire.js';
import { AnswerReader } from './answer-reader.js';

const SECRET = 'sk-live-0123456789abcdefghij';
const NOTHING = joinContent([]);
const CHUNKINGS = 1_000;

/** The same every time: a failure can be looked at. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

function cut(bytes: Buffer, next: () => number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = 1 + Math.floor(next() ** 3 * 200);
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return parts;
}

function reading(operation: WireOperation, parts: Buffer[], content: PolicyContent = NOTHING) {
  const body = new JsonMembers(Buffer.from('{"model":"m","stream":true}'));
  const asked = operation.read(body, { model: 'm', alt: 'sse' });
  const usage = operation.usage();
  const scrubber = new Scrubber([SECRET]);
  const reader = new AnswerReader({ operation, asked, scrubber, content, usage, holds: false });
  const told = Buffer.concat([...parts.map((part) => reader.stream(part)), reader.streamEnd()]);
  return { told, usage, reader };
}

const sse = (data: object | string, event?: string) =>
  `${event ? `event: ${event}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const chat = (delta: object, finish: string | null = null) =>
  sse({
    id: 'c',
    created: 1_700_000_000,
    choices: [{ index: 0, delta, finish_reason: finish }],
    usage: null,
  });
const CHAT_USAGE = sse({
  id: 'c',
  choices: [],
  usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 },
});
const TEXTS = ['Grüße ', 'sk', ' \\u0000 ', '🙂s', 's', 'k-live is a pre', 'fix of nothing. '];

const CORPUS: [string, WireOperation, string, string][] = [
  [
    'chat completions',
    openaiChat,
    [...TEXTS.map((content) => chat({ content })), chat({}, 'stop')].join(''),
    CHAT_USAGE + sse('[DONE]'),
  ],
  [
    'responses',
    openaiResponses,
    [
      ...TEXTS.map((delta) =>
        sse({ type: 'response.output_text.delta', item_id: 'i', delta }, 'response.output_text.delta'),
      ),
      sse({ type: 'response.output_text.done', item_id: 'i', text: TEXTS.join('') }),
      sse({ type: 'response.completed', response: { usage: { input_tokens: 7, output_tokens: 5 } } }),
    ].join(''),
    '',
  ],
  [
    'messages',
    anthropicMessages,
    [
      sse(
        { type: 'message_start', message: { usage: { input_tokens: 7, output_tokens: 1 } } },
        'message_start',
      ),
      ...TEXTS.map((text) =>
        sse(
          { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
          'content_block_delta',
        ),
      ),
      sse({ type: 'content_block_stop', index: 0 }, 'content_block_stop'),
      sse(
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } },
        'message_delta',
      ),
      sse({ type: 'message_stop' }, 'message_stop'),
    ].join(''),
    '',
  ],
  [
    'streamGenerateContent',
    geminiStream,
    TEXTS.map((text, index) =>
      sse({
        candidates: [{ content: { parts: [{ text }] } }],
        usageMetadata: { promptTokenCount: 7, candidatesTokenCount: index === TEXTS.length - 1 ? 5 : index },
      }).replaceAll('\n', '\r\n'),
    ).join(''),
    '',
  ],
];

describe.each(CORPUS)('an answer in %s', (_name, operation, kept, ours) => {
  const [own, ...rest] = operation === openaiChat ? [ours, ''] : [''];
  const sent = Buffer.from(kept + (own ?? '') + rest.join(''));
  const due = operation === openaiChat ? kept + sse('[DONE]') : kept;

  it(`leaves byte for byte as it came in ${CHUNKINGS} chunkings, but for our own event, and its usage is known`, () => {
    for (let seed = 1; seed <= CHUNKINGS; seed += 1) {
      const { told, usage } = reading(operation, cut(sent, random(seed)));
      if (told.toString() !== due) throw new Error(`chunking ${seed}: ${told.toString()}`);
      expect(usage.reported()).toMatchObject({ inputTokens: 7, outputTokens: 5 });
    }
  });

  it('gives no secret out that is cut over its pieces, whatever else is cut', () => {
    const echoed = TEXTS.map((text) => JSON.stringify(text).slice(1, -1));
    // Too little in each piece to be found there.
    const secret = Array.from({ length: 6 }, (_, index) => SECRET.slice(index * 5, index * 5 + 5));
    let stream = sent.toString();
    secret.forEach((part, index) => {
      stream = stream.replace(`"${echoed[index] ?? ''}"`, `"${part}"`);
    });
    const said = (bytes: Buffer) =>
      [...bytes.toString().matchAll(/"(?:content|delta|text)":"((?:[^"\\]|\\.)*)"/g)]
        .map(([, text]) => text)
        .join('');
    expect(said(Buffer.from(stream))).toContain(SECRET);
    for (let seed = 1; seed <= 50; seed += 1) {
      const { told } = reading(operation, cut(Buffer.from(stream), random(seed)));
      expect(said(told)).toContain('[redacted]');
      for (let at = 0; at + 10 <= SECRET.length; at += 1)
        expect(said(told)).not.toContain(SECRET.slice(at, at + 10));
      expect(said(told)).toContain('fix of nothing. ');
    }
  });
});

describe('#48 rules that read a stream', () => {
  const rules = (...list: PolicyRule[]) => {
    const made = policyContent({
      id: 'pol_1',
      name: 'p',
      version: 1,
      severity: 'HIGH',
      scope: { type: 'organization' },
      rules: list,
    });
    if ('unfit' in made) throw new Error(made.detail);
    return joinContent([made]);
  };
  const stream = [
    ...['Write to jane.', 'roe@corp.exam', 'ple.com now', ', please.'].map((content) => chat({ content })),
    chat({}, 'stop'),
    CHAT_USAGE,
    sse('[DONE]'),
  ].join('');

  it('a number that is cut over several pieces is replaced, and the rest of the text is whole', () => {
    const content = rules({ type: 'pii', kinds: ['email'], on: 'output', action: 'redact' });
    for (let seed = 1; seed <= 50; seed += 1) {
      const { told, reader } = reading(openaiChat, cut(Buffer.from(stream), random(seed)), content);
      const said = [...told.toString().matchAll(/"content":"([^"]*)"/g)].map(([, text]) => text).join('');
      expect(said).toMatch(/^Write to \S*email\S* now, please\.$/i);
      expect(told.toString()).not.toContain('roe@corp');
      expect(told.toString().endsWith('data: [DONE]\n\n')).toBe(true);
      expect(reader.tally.noted()).toHaveLength(1);
    }
  });

  it('what blocks ends the stream before it is told', () => {
    const content = rules({ type: 'pii', kinds: ['email'], on: 'output', action: 'block' });
    expect(() => reading(openaiChat, [Buffer.from(stream)], content)).toThrow(/email/);
  });

  it('a text that is repeated whole at its end is read as well', () => {
    const content = rules({ type: 'pii', kinds: ['email'], on: 'output', action: 'redact' });
    const whole = sse({
      type: 'response.output_text.done',
      item_id: 'i',
      text: 'Write to jane.roe@corp.example.com',
    });
    expect(reading(openaiResponses, [Buffer.from(whole)], content).told.toString()).not.toContain('jane.roe');
  });
});
