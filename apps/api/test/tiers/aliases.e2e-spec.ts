import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTwoPlanes, type TwoPlanes } from './two-planes.js';

describe('#13 aliases over both planes', () => {
  let planes: TwoPlanes;
  beforeAll(async () => {
    planes = await startTwoPlanes();
    const baseUrl = planes.upstream.baseUrls.openai;
    await planes.give({
      name: 'K',
      provider: 'openai',
      secret: 'sk-alias-0123456789abcdef',
      baseUrl,
      models: ['gpt-4.1', 'gpt-5'],
    });
  });
  afterAll(() => planes?.stop());
  const put = (aliases: object[]) => planes.owner.put('/model-aliases', { aliases });
  const wait = () => new Promise((resolved) => setTimeout(resolved, 2_000));
  const served = async (model: string) => {
    const body = (await (await planes.run({ model, prompt: 'Hi.' })).json()) as {
      served?: { model: string };
      code?: string;
    };
    return body.served?.model ?? body.code;
  };

  it('stands for the first model of its list that the workspace may use; the answer names the real one', async () => {
    const saved = await put([
      { name: 'fast', models: ['claude-haiku-4-5', 'gpt-4o-mini', 'gpt-4.1', 'gpt-5'] },
      { name: 'smart', models: ['claude-opus-4-7'] },
    ]);
    expect(saved.status).toBe(200);
    await wait();
    expect(await served('fast')).toBe('gpt-4.1');
    expect(planes.upstream.requests.at(-1)?.body).toContain('"gpt-4.1"');
    const path = `/workspaces/${planes.owner.workspaceId}`;
    const resolved = (await planes.owner.post(`${path}/resolve`, { model: 'fast' })).body;
    expect(resolved.choice).toMatchObject({ model: 'gpt-4.1', step: 1 });
    expect(resolved.trace.some(({ detail }: { detail: string }) => detail.includes('Alias "fast"'))).toBe(
      true,
    );
    const { aliases } = await planes.engineModels();
    expect((await planes.owner.get(`${path}/models`)).body.aliases).toEqual(aliases);
    expect(aliases).toEqual([
      expect.objectContaining({ name: 'fast', model: 'gpt-4.1', provider: 'openai', code: null }),
      expect.objectContaining({ name: 'smart', model: null, code: 'no_provider_key' }),
    ]);
  });

  it('opens nothing: with its model behind a closed gate it is refused with that gate’s code', async () => {
    expect(await served('smart')).toBe('no_provider_key');
    await planes.owner.put('/providers/openai', { enabled: false });
    await wait();
    expect(await served('fast')).toBe('no_provider_key');
    await put([{ name: 'fast', models: ['gpt-4.1'] }]);
    await wait();
    expect(await served('fast')).toBe('provider_disabled');
    await planes.owner.put('/providers/openai', { enabled: true });
    await wait();
    expect(await served('fast')).toBe('gpt-4.1');
  });

  it('a workspace’s own wins there, a real model wins over both, and one that is gone is gone 2 s later', async () => {
    const { workspaceId } = planes.owner;
    await put([
      { name: 'fast', models: ['gpt-4.1'] },
      { name: 'fast', workspaceId, models: ['gpt-5'] },
    ]);
    await wait();
    expect(await served('fast')).toBe('gpt-5');
    await put([]);
    await wait();
    expect(await served('fast')).toBe('model_not_available');
  });
});
