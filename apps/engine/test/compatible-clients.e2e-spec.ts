import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CLIENTS } from './support/clients/index.js';
import { applicationOf, usageRows } from './support/compatible.js';
import { startStage, type Stage } from './support/stage.js';

/** A key of each protocol; OpenAI's is one that has chat completions alone, since the fake has no responses of its own. */
const MODELS = ['some-model', 'claude-haiku-4-5', 'gemini-2.5-flash'];

let stage: Stage;
let app: Awaited<ReturnType<typeof applicationOf>>;

beforeAll(async () => {
  stage = await startStage();
  app = await application();
});
afterAll(() => stage?.stop());
beforeEach(() => stage.upstream.reset());

async function application() {
  const made = await applicationOf(stage);
  await stage.tenants.key(made.tenant, {
    ...{ provider: 'custom', secret: 'sk-of-a-server', baseUrl: stage.upstream.baseUrls.openai },
    models: ['some-model'],
  });
  return made;
}

describe.each(CLIENTS)('#51 %s', (_name, make) => {
  const client = (token = app.token) => make({ url: stage.url, token, retries: 0 });

  it.each(MODELS)('%s: chat, stream, tools, structured output', async (model) => {
    expect(await client().chat(model, 'Hi there.')).toContain('You asked: "Hi there."');
    const pieces: string[] = [];
    for await (const piece of client().stream(model, 'Hi there.')) pieces.push(piece);
    expect(pieces.join('')).toContain('You asked: "Hi there."');
    expect(pieces.filter((piece) => piece !== '').length).toBeGreaterThan(3);
    expect(await client().tool(model, 'Rome')).toEqual({ name: 'weather', args: { city: 'Rome' } });
    expect(await client().structured(model, 'Rome')).toEqual({ city: 'Rome' });
  });

  it.each(MODELS)('%s: a refusal is told with its reason, ours and the vendor’s', async (model) => {
    for (const [token, named, reason] of [
      ['clv_ws_nonsense', model, /unauthenticated|workspace token/],
      [app.token, 'nothing-9', /model_not_available|nothing-9/],
    ] as const)
      await expect(client(token).chat(named, 'Hi.')).rejects.toThrow(reason);
    stage.upstream.script({ status: 500, message: 'Boom.' });
    await expect(client().chat(model, 'Hi.')).rejects.toThrow(/Boom/);
  });
});

/** LangChain's client for Google throws past its caller when it is aborted: a rejection that nobody can catch. */
const ABORTING = CLIENTS.filter(([name]) => name !== 'LangChain: Google');

describe.each(ABORTING)('#51 %s', (_name, make) => {
  it.each(MODELS)('%s: an abort ends the call upstream', async (model) => {
    stage.upstream.script({ text: ['One two three four five ', 'six'], hang: 'body' });
    const { token, tenant } = await application();
    const leaving = new AbortController();
    const read = async () => {
      const pieces = make({ url: stage.url, token, retries: 0 }).stream(model, 'Hi.', leaving.signal);
      for await (const piece of pieces) if (piece !== '') leaving.abort();
    };
    await read().catch(() => undefined);
    expect(await usageRows(stage, tenant, 1)).toMatchObject([{ outcome: 'aborted' }]);
  });
});
