import { describe, expect, it } from '@jest/globals';
import { buildCatalogue } from '#lib/catalog';
import { readRecord } from './other-systems.js';

const catalogue = buildCatalogue();
const read = (record: Record<string, unknown>) => readRecord(record, catalogue);

describe('#8 records of other systems, in the words of a creation', () => {
  it.each<[string, Record<string, unknown>, object]>([
    [
      'a settings record',
      {
        group: 'aiprovider',
        name: 'openai',
        active: true,
        value: { api_key: 'sk-1', default_model: 'gpt-4o-mini', protocol: 'openai' },
      },
      { name: 'openai', provider: 'openai', secret: 'sk-1', defaultModel: 'gpt-4o-mini' },
    ],
    [
      'a settings record of a vendor by another name',
      {
        group: 'aiprovider',
        name: 'grok',
        value: { api_key: 'x', protocol: 'openai', base_url: 'https://api.x.ai/v1' },
      },
      { name: 'grok', provider: 'xai', secret: 'x' },
    ],
    [
      'a settings record of a vendor that is none here',
      {
        group: 'aiprovider',
        name: 'acme',
        value: { api_key: 'x', protocol: 'anthropic', base_url: 'https://acme.test/v1' },
      },
      {
        name: 'acme',
        provider: 'custom',
        secret: 'x',
        baseUrl: 'https://acme.test/v1',
        config: { protocol: 'anthropic' },
      },
    ],
    [
      'a configuration with a type',
      {
        configurationName: 'prod',
        type: 'OPENAI',
        apiEndpoint: 'https://api.openai.com/v1',
        apiKey: '',
        apiSecret: 'sk-2',
      },
      { name: 'prod', provider: 'openai', secret: 'sk-2' },
    ],
    [
      'AWS: one pair and the region of its endpoint',
      {
        name: 'aws',
        type: 'AWS',
        endpoint: 'https://bedrock-runtime.eu-west-1.amazonaws.com',
        key: 'AKIA',
        apiSecret: 's',
      },
      {
        name: 'aws',
        provider: 'bedrock',
        secret: { accessKeyId: 'AKIA', secretAccessKey: 's' },
        config: { region: 'eu-west-1' },
      },
    ],
    [
      'OTHER with a second secret',
      { name: 'house', aiType: 'OTHER', endpoint: 'https://llm.test/v1', key: 'second', secret: 'first' },
      {
        name: 'house',
        provider: 'custom',
        secret: 'first',
        secondSecret: 'second',
        baseUrl: 'https://llm.test/v1',
      },
    ],
    [
      'GOOGLE',
      { name: 'g', type: 'GOOGLE', secret: 'AIza' },
      { name: 'g', provider: 'google', secret: 'AIza' },
    ],
    [
      'ANTHROPIC',
      { name: 'a', type: 'ANTHROPIC', secret: 's' },
      { name: 'a', provider: 'anthropic', secret: 's' },
    ],
    [
      'a provider record',
      { name: 'GPT', provider: 'openai', defaultModel: 'gpt-4o', baseUrl: null, config: { a: 1 } },
      { name: 'GPT', provider: 'openai', defaultModel: 'gpt-4o', config: { a: 1 } },
    ],
    [
      'a credential',
      {
        provider: 'ollama',
        api_base: 'http://localhost:11434',
        default_model: 'llama3.1:8b',
        models: ['llama3.1:8b'],
      },
      { name: 'ollama', provider: 'ollama', defaultModel: 'llama3.1:8b', models: ['llama3.1:8b'] },
    ],
  ])('%s', (_name, record, body) => {
    expect(read(record).body).toEqual(body);
  });

  it('what is switched off there is so here, and what means nothing here is named', () => {
    const { enabled, ignored } = read({
      name: 'x',
      provider: 'openai',
      active: false,
      projectId: 'p',
      createdAt: 'now',
    });
    expect([enabled, ignored]).toEqual([false, ['projectId', 'createdAt']]);
    expect(read({ name: 'x', provider: 'nonsense' }).body['provider']).toBe('nonsense');
  });

  it.each([
    { active: 'false' },
    { enabled: 0 },
    { enabled: ' OFF ' },
    { disabled: true },
    { disabled: 'yes' },
    { isActive: false },
    { is_enabled: 'n' },
    { status: 'Disabled' },
    { active: true, disabled: 1 },
    { group: 'aiprovider', active: false, value: { api_key: 'x', active: true } },
  ])('a key that was off stays off: %j', (said) => {
    expect(read({ name: 'openai', provider: 'openai', ...said })).toMatchObject({
      enabled: false,
      faults: [],
    });
  });

  it.each([
    { active: 'true' },
    { enabled: 1 },
    { disabled: false },
    { status: 'configured' },
    { active: null },
  ])('one that was on stays on: %j', (said) => {
    expect(read({ name: 'x', provider: 'openai', ...said })).toMatchObject({ enabled: true, faults: [] });
  });

  it.each([{ active: 'perhaps' }, { isActive: {} }, { enabled: 2 }, { disabled: '' }])(
    'what cannot be read is a fault: %j',
    (said) => {
      const [member] = Object.keys(said);
      expect(read({ name: 'x', provider: 'openai', ...said }).faults).toMatchObject([
        { pointer: `/${member}` },
      ]);
    },
  );

  it('a stored secret that it links goes with it', () => {
    const { body } = read({ name: 'x', provider: 'openai', secretId: 'sec_1' });
    expect(body).toEqual({ name: 'x', provider: 'openai', secretId: 'sec_1' });
  });
});
