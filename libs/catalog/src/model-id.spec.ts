import { describe, expect, it } from '@jest/globals';
import { isGeminiModelId, isModelId } from './model-id.js';

describe('#50 a model id is no path', () => {
  it.each([
    ...[
      'gpt-4.1-mini',
      'claude-sonnet-4-6',
      'llama3.1:8b',
      'meta-llama/llama-3.3-70b:free',
      'openai/gpt-4.1',
    ],
    ...['@cf/meta/llama-3.1-8b-instruct', 'ft:gpt-4.1:acme::9x', 'us.anthropic.claude-sonnet-4-5-v1:0'],
    'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0',
  ])('%s is one', (id) => expect(isModelId(id)).toBe(true));

  it.each([
    ...['../../admin/keys?x=', 'x/../models/gemini-2.5-pro', '..', './a', 'a/.', 'a/..', '/a', 'a/', 'a//b'],
    ...[
      'a?b',
      'a#b',
      '..%2f..%2fadmin',
      'a%00',
      'a\\..\\b',
      'a b',
      'a\nb',
      'a\0b',
      'a\u007f',
      '',
      'x'.repeat(201),
    ],
  ])('%j is none', (id) => expect(isModelId(id)).toBe(false));

  it.each([
    ['gemini-2.5-pro', true],
    ['tunedModels/mine-7', true],
    ['models/gemini-2.5-pro', false],
    ['tunedModels/a/b', false],
    ['publishers/google/models/gemini-2.5-pro', false],
  ])('on Google’s wire %s: %s', (id, is) => expect(isGeminiModelId(id)).toBe(is));
});
