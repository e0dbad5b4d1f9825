import { describe, expect, it } from '@jest/globals';
import { mayGoTo, newSettings, patchSettings, secretMove, type LinkedSecret } from './provider-key.js';

const own: LinkedSecret = {
  id: 'sec_1',
  owned: true,
  mask: '…',
  version: 4,
  origins: ['https://a:443', 'https://b:443'],
};
const linked: LinkedSecret = { ...own, owned: false };

describe('the settings of a key', () => {
  const full = newSettings('gateway', 'K', {
    baseUrl: 'https://a/v1',
    defaultModel: 'm',
    models: ['m'],
    config: { protocol: 'openai' },
    expiresAt: '2030-01-01T00:00:00Z',
    limits: { rpm: 1 },
  });

  it('#18 an empty patch changes nothing', () => {
    expect(patchSettings(full, {}, [])).toEqual(full);
  });

  it('#18 clearing goes back to what a new key without the field has', () => {
    const fields = ['baseUrl', 'defaultModel', 'models', 'config', 'expiresAt', 'limits'] as const;
    expect(patchSettings(full, {}, fields)).toEqual(newSettings('gateway', 'K', {}));
  });

  it('the provider of a key never changes', () => {
    expect(patchSettings(full, { name: 'L', enabled: false }, [])).toMatchObject({
      provider: 'gateway',
      name: 'L',
      enabled: false,
    });
  });
});

describe('what a patch does to the secret', () => {
  const none = { entered: false, secretId: undefined, clear: [] };
  it.each([
    ['nothing sent keeps it', own, none, { kind: 'keep' }],
    [
      'entered replaces the key’s own',
      own,
      { ...none, entered: true },
      { kind: 'replace', secretId: 'sec_1', after: 4 },
    ],
    ['entered never touches a linked one', linked, { ...none, entered: true }, { kind: 'enter' }],
    ['entered where there was none', null, { ...none, entered: true }, { kind: 'enter' }],
    ['another id links it', own, { ...none, secretId: 'sec_2' }, { kind: 'link', secretId: 'sec_2' }],
    ['clear secret detaches', own, { ...none, clear: ['secret' as const] }, { kind: 'detach' }],
    ['clear secretId detaches', linked, { ...none, clear: ['secretId' as const] }, { kind: 'detach' }],
  ])('%s', (_name, secret, sent, move) => {
    expect(secretMove(secret, sent)).toEqual(move);
  });

  it('a secret goes only to the places that it was sealed for', () => {
    expect(mayGoTo(own, ['https://a:443'])).toBe(true);
    expect(mayGoTo(own, ['https://a:443', 'https://c:443'])).toBe(false);
    expect(mayGoTo(own, ['http://a:443'])).toBe(false);
  });
});
