import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const SLUGS = [
  ...['openai', 'anthropic', 'google', 'xai', 'groq', 'openrouter', 'ollama', 'azure', 'bedrock', 'vertex'],
  ...['mistral', 'deepseek', 'gateway', 'custom'],
];

describe('the catalogue', () => {
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());
  const provider = async (slug: string) =>
    (await owner.get('/providers')).body.data.find((one: { slug: string }) => one.slug === slug);

  it('#8 lists every provider with what a form needs; a new organization has all of them switched on', async () => {
    const { body } = await owner.get('/providers');
    expect(body.data.map(({ slug }: { slug: string }) => slug).sort()).toEqual([...SLUGS].sort());
    for (const one of body.data) {
      expect(one).toMatchObject({
        name: expect.any(String),
        protocol: expect.any(String),
        orgEnabled: true,
        status: 'unconfigured',
        supportsTools: expect.stringMatching(/^(yes|no|depends|unknown)$/),
        supportsStreaming: expect.any(Boolean),
        credential: { kind: expect.any(String), required: expect.any(Boolean), fields: expect.any(Array) },
        acceptsBaseUrl: expect.any(Boolean),
      });
    }
    expect(await provider('anthropic')).toMatchObject({
      defaultModel: 'claude-sonnet-4-6',
      surfaces: { agent_complex: 'claude-opus-4-7' },
    });
    expect([(await provider('bedrock')).requiresBaseUrl, (await provider('azure')).requiresBaseUrl]).toEqual([
      false,
      true,
    ]);
  });

  it('#20 a provider is as far set up as its best key', async () => {
    const add = async (name: string, secret?: string) =>
      (await owner.post('/ai-providers', { name, provider: 'groq', secret })).body.id;
    const bare = await add('No secret');
    expect((await provider('groq')).status).toBe('unconfigured');
    const good = await add('Secret', 'gsk_0123456789abcdef');
    expect((await provider('groq')).status).toBe('configured');
    await owner.patch(`/ai-providers/${good}`, { enabled: false });
    await owner.patch(`/ai-providers/${bare}`, { enabled: false });
    expect((await provider('groq')).status).toBe('disabled');
  });

  it('#10 the organization’s gate is its own: closing it shows here and not for others', async () => {
    const closed = await owner.put('/providers/openai', { enabled: false });
    expect(closed.body).toMatchObject({ slug: 'openai', orgEnabled: false, status: 'disabled' });
    const stranger = await api.owner();
    const { body } = await stranger.get('/providers');
    expect(body.data.find(({ slug }: { slug: string }) => slug === 'openai').orgEnabled).toBe(true);
    expect((await owner.put('/providers/openai', { enabled: true })).body.orgEnabled).toBe(true);
    expect((await owner.put('/providers/openai', { enabled: 'yes' })).status).toBe(422);
  });

  it('#11 models carry what one chooses by; an unknown provider is 404 with the valid ones', async () => {
    const { body } = await owner.get('/providers/anthropic/models');
    const sonnet = body.data.find(({ id }: { id: string }) => id === 'claude-sonnet-4-6');
    expect(sonnet).toMatchObject({
      bestFor: expect.any(String),
      contextWindow: 1_000_000,
      lifecycle: 'active',
      capabilities: { tools: 'yes' },
    });
    expect(sonnet.price).toMatchObject({
      inputMicroUsdPerMTok: expect.any(Number),
      asOf: expect.stringMatching(/^\d{4}-/),
    });
    const unknown = await owner.get('/providers/nonsense/models');
    expect([unknown.status, unknown.body.code]).toEqual([404, 'unknown_provider']);
    expect(unknown.body.detail).toContain('openrouter');
  });
});
