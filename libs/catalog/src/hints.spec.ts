import { describe, expect, it } from '@jest/globals';
import { buildCatalogue } from './catalogue.js';
import { hintsForKey } from './hints.js';

const edits = {
  providers: [{ slug: 'acme', name: 'Acme', baseUrl: 'https://api.acme.test/v2', keyPrefixes: ['acme-'] }],
};
const shipped = buildCatalogue();
const catalogue = buildCatalogue({
  providers: shipped.providers.map((record) => ({ slug: record.slug, record })),
  models: [],
  edits,
});
const hints = (slug: string, input: object) =>
  hintsForKey({ provider: catalogue.provider(slug)!, ...input }, catalogue);

describe('#9 every hint at save, for shipped providers and for an operator’s', () => {
  it.each<[string, string, string, RegExp]>([
    ['sk-ant-', 'openai', 'sk-ant-api03-abcdefghijkl', /key of Anthropic.*"anthropic"/],
    ['sk-or-', 'openai', 'sk-or-v1-abcdefghijkl', /key of OpenRouter.*"openrouter"/],
    ['gsk_', 'openai', 'gsk_abcdefghijklmnop', /key of Groq.*"groq"/],
    ['AIza', 'anthropic', 'AIzaSyabcdefghijkl', /key of Google Gemini.*"google"/],
    ['xai-', 'groq', 'xai-abcdefghijklmnop', /key of xAI.*"xai"/],
    ['sk-proj-', 'mistral', 'sk-proj-abcdefghijkl', /key of OpenAI.*"openai"/],
    ['sk-, which several vendors have', 'anthropic', 'sk-abcdefghijklmnop', /usually start with sk-ant-/],
    [
      'another vendor’s at an operator’s record',
      'acme',
      'sk-ant-api03-abcdefghijkl',
      /key of Anthropic, not of Acme/,
    ],
    ['not the operator’s vendor’s', 'acme', 'abcdefghijklmnop', /Acme keys usually start with acme-/],
    ['blanks around it', 'acme', ' acme-abcdefghijkl\n', /blanks or line breaks/],
  ])('the shape of a key: %s', (_name, slug, secret, expected) => {
    const found = hints(slug, { secret });
    expect(found.map(({ pointer, detail }) => `${pointer} ${detail}`).join('\n')).toMatch(expected);
    expect(JSON.stringify(found)).not.toContain(secret.trim().slice(-8));
  });

  it.each<[string, string, string, RegExp]>([
    ['no version path', 'openai', 'https://proxy.test', /usually ends with \/v1: "https:\/\/proxy.test\/v1"/],
    ['no version path of an operator’s record', 'acme', 'https://proxy.test/', /\/v2"/],
    ['http', 'acme', 'http://proxy.test/v2', /https is expected/],
    ['an operation', 'gateway', 'https://proxy.test/v1/chat/completions', /must not name an operation/],
    ['localhost', 'ollama', 'http://localhost:11434', /CLAVIGER_EGRESS_ALLOW/],
    ['loopback', 'custom', 'http://127.0.0.1:8000/v1', /CLAVIGER_EGRESS_ALLOW/],
    ['a private network', 'custom', 'http://192.168.1.5:8000/v1', /CLAVIGER_EGRESS_ALLOW/],
    ['a host of Docker', 'ollama', 'http://host.docker.internal:11434', /CLAVIGER_EGRESS_ALLOW/],
    ['blanks around it', 'custom', 'https://proxy.test/v1 ', /blanks around the base URL/],
  ])('the base URL: %s', (_name, slug, baseUrl, expected) => {
    const found = hints(slug, { baseUrl });
    expect(found.map(({ pointer, detail }) => `${pointer} ${detail}`).join('\n')).toMatch(expected);
  });

  it('what is right is left alone', () => {
    expect(hints('acme', { secret: 'acme-abcdefghijkl', baseUrl: 'https://api.acme.test/v2' })).toEqual([]);
    expect(hints('openai', { secret: 'sk-proj-abcdefghijkl', baseUrl: 'https://api.openai.com/v1' })).toEqual(
      [],
    );
  });
});
