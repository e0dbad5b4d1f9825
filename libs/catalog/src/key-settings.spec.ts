import { describe, expect, it } from '@jest/globals';
import { buildCatalogue } from './catalogue.js';
import { costMicroUsd } from './cost.js';
import { maskSecret } from './credentials.js';
import { hintsForKey, ollamaPullHint } from './hints.js';
import { callBaseUrl, originsFor, protocolOf, secondSecretHeader } from './origins.js';
import { findProvider, validateKeySettings } from './validate.js';

const catalogue = buildCatalogue();
const provider = (slug: string) => catalogue.provider(slug)!;

describe('#17 the mask of a secret', () => {
  it.each([
    ['sk-ant-api03-abcdefghijklmnop9f2c', 'sk-ant-api03-…9f2c'],
    ['sk-proj-abcdefghijklmnop1234', 'sk-proj-…1234'],
    ['sk-abcdefghijklmnop1234', 'sk-…1234'],
    ['AIzaSyAbcdefghijk7890', 'AIza…7890'],
    ['gsk_abcdefghijklmnop0001', 'gsk_…0001'],
    ['no-vendor-prefix-0042', '…0042'],
    ['  sk-abcdefghijklmnop1234 \n', 'sk-…1234'],
    ['sk-ant-api03-9f2c', '…9f2c'],
    ['elevenchars', '••••'],
    ['', '••••'],
    ['{"type":"service_account","private_key":"x"}', '••••'],
  ])('%j shows as %s', (secret, mask) => {
    expect(maskSecret(secret)).toBe(mask);
  });
});

describe('where a key may be sent', () => {
  it.each([
    ['anthropic', null, ['https://api.anthropic.com:443']],
    ['openai', 'https://proxy.test:8443/v1/', ['https://proxy.test:8443']],
    ['ollama', null, ['http://localhost:11434']],
    ['ollama', 'http://10.0.0.5', ['http://10.0.0.5:80']],
    ['custom', 'https://[2606:4700::1]/v1', ['https://[2606:4700::1]:443']],
    ['custom', null, []],
    ['custom', 'ftp://x.test', []],
  ])('%s at %s: %j', (slug, baseUrl, origins) => {
    expect(originsFor(provider(slug), baseUrl, {})).toEqual(origins);
  });

  it('calls Ollama under /v1, written or not, and nobody else', () => {
    expect(callBaseUrl(provider('ollama'), null)).toBe('http://localhost:11434/v1');
    expect(callBaseUrl(provider('ollama'), 'http://h:1/v1/')).toBe('http://h:1/v1');
    expect(callBaseUrl(provider('openai'), 'https://h/api')).toBe('https://h/api');
  });

  it('#9 gateway and custom choose their wire and the header of their second secret', () => {
    expect(protocolOf(provider('gateway'), {})).toBe('openai');
    expect(protocolOf(provider('gateway'), { protocol: 'anthropic' })).toBe('anthropic');
    expect(protocolOf(provider('gateway'), { protocol: 'bedrock' })).toBe('openai');
    expect(protocolOf(provider('openai'), { protocol: 'anthropic' })).toBe('openai');
    expect(secondSecretHeader(provider('gateway'), {})).toBe('x-api-secret');
    expect(secondSecretHeader(provider('custom'), { secondSecretHeader: 'X-Team' })).toBe('x-team');
    expect(secondSecretHeader(provider('openai'), {})).toBeNull();
  });
});

describe('#15 validation of a key’s settings', () => {
  const pointers = (slug: string, more = {}) =>
    validateKeySettings({ provider: provider(slug), ...more }).map((fault) => fault.pointer);

  it.each<[string, object, string[]]>([
    ['anthropic', {}, []],
    ['custom', {}, ['/baseUrl']],
    [
      'custom',
      { baseUrl: 'https://x.test/v1', config: { protocol: 'gemini', secondSecretHeader: 'x-team' } },
      [],
    ],
    [
      'custom',
      { baseUrl: 'https://x.test/v1', config: { protocol: 'soap', other: 1 } },
      ['/config/protocol', '/config/other'],
    ],
    [
      'custom',
      { baseUrl: 'https://x.test/v1', config: { secondSecretHeader: 'Authorization' } },
      ['/config/secondSecretHeader'],
    ],
    [
      'custom',
      { baseUrl: 'https://x.test/v1', config: { secondSecretHeader: 'a b' } },
      ['/config/secondSecretHeader'],
    ],
    ['openai', { baseUrl: 'nonsense' }, ['/baseUrl']],
    ['openai', { baseUrl: 'file:///etc/passwd' }, ['/baseUrl']],
    ['openai', { baseUrl: 'https://user:pw@x.test' }, ['/baseUrl']],
    ['openai', { baseUrl: 'https://x.test/v1?key=1' }, ['/baseUrl']],
    ['openai', { config: { apiVersion: '1' } }, ['/config/apiVersion']],
    ['openai', { hasSecondSecret: true }, ['/secondSecret']],
    ['openai', { defaultModel: ' ', models: ['a', 'a', ''] }, ['/defaultModel', '/models/2', '/models']],
    ['bedrock', { config: { region: 'eu-west-1' } }, []],
    ['bedrock', { config: { region: 'a.evil.test/#' } }, ['/config/region']],
    ['vertex', { config: { project: 'p-1', location: 'global' } }, []],
    ['vertex', { config: { project: '../p', location: 'EU' } }, ['/config/project', '/config/location']],
    ['azure', {}, ['/baseUrl']],
    [
      'azure',
      { baseUrl: 'https://x.openai.azure.com', config: { apiVersion: 'now', deployments: { m: 'a/b' } } },
      ['/config/apiVersion', '/config/deployments'],
    ],
    [
      'azure',
      { baseUrl: 'https://x.openai.azure.com', config: { deployments: { 'gpt-4.1': 'my-gpt' } } },
      [],
    ],
  ])('%s with %j: faults at %j', (slug, settings, expected) => {
    expect(pointers(slug, settings)).toEqual(expected);
  });

  it('#8 an unknown provider is refused with the list of valid ones; names of other systems are understood', () => {
    expect(findProvider(catalogue, 'acme')).toMatchObject({
      pointer: '/provider',
      detail: expect.stringMatching(/openai, anthropic/),
    });
    expect(findProvider(catalogue, 'AWS')).toMatchObject({ slug: 'bedrock' });
    expect(findProvider(catalogue, 'OTHER')).toMatchObject({ slug: 'custom' });
  });
});

describe('hints before any call', () => {
  const details = (slug: string, more = {}) =>
    hintsForKey({ provider: provider(slug), ...more }, catalogue)
      .map((hint) => hint.detail)
      .join('\n');

  it.each<[string, string, object, RegExp]>([
    [
      'another vendor’s key',
      'openai',
      { secret: 'sk-ant-api03-abcdefgh' },
      /looks like a key of Anthropic.*enter a key of OpenAI/,
    ],
    ['another vendor’s key', 'anthropic', { secret: 'AIzaSyAbcdefgh' }, /Google Gemini/],
    [
      'a shape that is not the vendor’s',
      'anthropic',
      { secret: 'hello-world-1234' },
      /usually start with sk-ant-/,
    ],
    [
      'trailing blanks',
      'openai',
      { secret: 'sk-abcdefgh1234 \n' },
      /blanks or line breaks.*cut off on the way/,
    ],
    ['no version path', 'openai', { baseUrl: 'https://proxy.test' }, /https:\/\/proxy.test\/v1/],
    ['plain http', 'openai', { baseUrl: 'http://proxy.test/v1' }, /https is expected/],
    ['a local address', 'ollama', { baseUrl: 'http://localhost:11434' }, /CLAVIGER_EGRESS_ALLOW/],
    [
      'an operation',
      'custom',
      { baseUrl: 'https://x.test/v1/chat/completions' },
      /must not name an operation/,
    ],
  ])('%s', (_name, slug, input, hint) => {
    expect(details(slug, input)).toMatch(hint);
  });

  it('none for what is right, none that quotes the secret, and none about a vendor’s shape behind an own URL', () => {
    expect(details('anthropic', { secret: 'sk-ant-api03-abcdefghijkl' })).toBe('');
    expect(details('openai', { secret: 'house-key-123456', baseUrl: 'https://proxy.test/v1' })).toBe('');
    expect(details('openai', { secret: 'sk-ant-api03-VERYSECRET ' })).not.toContain('VERYSECRET');
    expect(ollamaPullHint('llama3.1:8b')).toContain('ollama pull llama3.1:8b');
  });
});

describe('#52 the cost of a call', () => {
  const price = {
    inputMicroUsdPerMTok: 3_000_000,
    outputMicroUsdPerMTok: 15_000_000,
    cachedInputMicroUsdPerMTok: 300_000,
    asOf: '2026-11-21',
  };
  it('is in whole micro-USD, rounded once, with cached tokens at their own price', () => {
    expect(costMicroUsd(price, { inputTokens: 1_000, outputTokens: 100, cachedInputTokens: 400 })).toBe(
      1_800 + 120 + 1_500,
    );
    expect(costMicroUsd(price, { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 })).toBe(0);
    const cheap = { ...price, inputMicroUsdPerMTok: 70_000, outputMicroUsdPerMTok: 0 };
    expect(costMicroUsd(cheap, { inputTokens: 7, outputTokens: 0, cachedInputTokens: 0 })).toBe(0);
    expect(costMicroUsd(cheap, { inputTokens: 8, outputTokens: 0, cachedInputTokens: 0 })).toBe(1);
  });
  it('is null when the price is unknown', () => {
    expect(costMicroUsd(null, { inputTokens: 1, outputTokens: 1, cachedInputTokens: 0 })).toBeNull();
  });
});
