import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CLIENTS } from './support/clients/index.js';
import { applicationOf } from './support/compatible.js';
import { startStage, type Stage } from './support/stage.js';

let stage: Stage;
let app: Awaited<ReturnType<typeof applicationOf>>;

beforeAll(async () => {
  stage = await startStage();
  app = await applicationOf(stage);
});
afterAll(() => stage?.stop());
beforeEach(() => stage.upstream.reset());

/** A model in the client's own protocol: what its vendor says reaches it as it is. */
const OWN: Readonly<Record<string, string>> = {
  openai: 'gpt-4.1-mini',
  '@anthropic-ai/sdk': 'claude-haiku-4-5',
  '@google/genai': 'gemini-2.5-flash',
  'AI SDK: OpenAI, chat': 'gpt-4.1-mini',
  'AI SDK: Anthropic': 'claude-haiku-4-5',
  'AI SDK: Google': 'gemini-2.5-flash',
  'LangChain: OpenAI': 'gpt-4.1-mini',
  'LangChain: Anthropic': 'claude-haiku-4-5',
  'LangChain: Google': 'gemini-2.5-flash',
};
const cells = CLIENTS.flatMap(([name, make]) => {
  const model = OWN[name];
  return model === undefined ? [] : [{ name, make, model }];
});
/** LangChain waits a second and more between tries, whatever it is told: one status is enough. Google's own client knows no 529. */
const again = cells.map((cell) => {
  const { name } = cell;
  const statuses = name.startsWith('LangChain')
    ? [503]
    : name === '@google/genai'
      ? [429, 503]
      : [429, 503, 529];
  return { ...cell, statuses };
});

/** How many requests `ask` makes of the engine, and the status that it fails with. */
async function failing(ask: () => Promise<unknown>): Promise<[requests: number, status: unknown]> {
  const { fetch } = globalThis;
  let requests = 0;
  globalThis.fetch = (...args) => {
    requests += 1;
    return fetch(...args);
  };
  try {
    await ask();
    return [requests, 200];
  } catch (error) {
    const failure = error as { status?: number; statusCode?: number };
    return [requests, failure.status ?? failure.statusCode];
  } finally {
    globalThis.fetch = fetch;
  }
}

describe('#51 the vendors’ clients try again', () => {
  it.each(again)(
    '$name: after $statuses of the vendor, as soon as it says',
    async ({ make, model, statuses }) => {
      for (const status of statuses) {
        stage.upstream.reset();
        stage.upstream.script({ status, headers: { 'retry-after': '1', 'retry-after-ms': '5' } });
        const client = make({ url: stage.url, token: app.token, retries: 1 });
        expect(await client.chat(model, 'Hi there.')).toContain('Hi there.');
        expect([status, stage.upstream.requests.length]).toEqual([status, 2]);
      }
    },
  );

  it.each(cells)(
    '$name: never after a wrong token, a missing right or an unknown model',
    async ({ name, make }) => {
      // LangChain takes every 422 for a passing one, whatever the answer says of it.
      const unknown: [string, string, number][] = name.startsWith('LangChain')
        ? []
        : [[app.token, 'nothing-9', 422]];
      for (const [token, model, status] of [
        ['clv_ws_nonsense', 'gpt-4.1-mini', 401],
        [app.tenant.token, 'gpt-4.1-mini', 403],
        ...unknown,
      ] as [string, string, number][]) {
        const ask = () => make({ url: stage.url, token, retries: 2 }).chat(model, 'Hi.');
        expect([model, ...(await failing(ask))]).toEqual([model, 1, status]);
      }
      expect(stage.upstream.requests).toEqual([]);
    },
  );

  it('nor, where they look at it, what no later try can help: a refused key, a request that its vendor does not understand', async () => {
    const clients = cells.filter(({ name }) => name === 'openai' || name === '@anthropic-ai/sdk');
    for (const { make, model } of clients) {
      const ask = (named: string) =>
        make({ url: stage.url, token: app.token, retries: 2 }).chat(named, 'Hi.');
      for (const [scripted, named, status] of [
        [401, model, 502],
        [400, model, 400],
        // In another protocol the vendor's 400 is told as 502: it was worded here.
        [400, 'gemini-2.5-flash', 502],
      ] as const) {
        stage.upstream.script({ status: scripted });
        expect(await failing(() => ask(named))).toEqual([1, status]);
      }
    }
  });
});
