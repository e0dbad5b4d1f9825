import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { applicationOf } from './support/compatible.js';
import { addPolicy, blocksOf, violationsOf } from './support/policies.js';
import { startStage, type Stage } from './support/stage.js';

const MAIL = 'jane.roe@corp.example.com';
const MODEL = 'gpt-4.1-mini';
const pii = (action: string, on: string) => ({ type: 'pii', kinds: ['email'], on, action });

let stage: Stage;
let app: Awaited<ReturnType<typeof applicationOf>>;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  app = await applicationOf(stage);
});

/** What each wire says, with `said` as the user's words. */
const WIRES = {
  openai: (said: string) => ({
    path: '/v1/chat/completions',
    body: { model: MODEL, messages: [{ role: 'user', content: said }] },
  }),
  responses: (said: string) => ({ path: '/v1/responses', body: { model: MODEL, input: said } }),
  embeddings: (said: string) => ({
    path: '/v1/embeddings',
    body: { model: 'text-embedding-3-small', input: [said] },
  }),
  anthropic: (said: string) => ({
    path: '/anthropic/v1/messages',
    body: { model: 'claude-haiku-4-5', max_tokens: 9, messages: [{ role: 'user', content: said }] },
  }),
  counting: (said: string) => ({
    path: '/anthropic/v1/messages/count_tokens',
    body: { model: 'claude-haiku-4-5', messages: [{ role: 'user', content: said }] },
  }),
  gemini: (said: string) => ({
    path: '/gemini/v1beta/models/gemini-2.5-flash:generateContent',
    body: { contents: [{ role: 'user', parts: [{ text: said }] }] },
  }),
  across: (said: string) => ({
    path: '/v1/chat/completions',
    body: { model: 'claude-haiku-4-5', messages: [{ role: 'user', content: said }] },
  }),
};
type Wire = keyof typeof WIRES;
const ALL = Object.keys(WIRES) as Wire[];
const CHATS: Wire[] = ['openai', 'anthropic', 'gemini', 'across'];

const ask = async (wire: Wire, said: string, change: object = {}) => {
  const { path, body } = WIRES[wire](said);
  const response = await fetch(stage.url + path, {
    method: 'POST',
    headers: { 'x-api-key': app.token, 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, ...change }),
  });
  return { status: response.status, text: await response.text() };
};
const sent = () => stage.upstream.requests.map(({ body }) => body).join('\n');

describe('#46 #48 a policy is not by-passed by another endpoint', () => {
  it.each(ALL)('%s: what blocks is refused by name, on record, and nothing leaves', async (wire) => {
    const id = await addPolicy(stage, app.tenant, [pii('block', 'both')]);
    const { status, text } = await ask(wire, `Write to ${MAIL}.`);
    expect([status, text, sent()]).toEqual([422, expect.stringContaining('policy_violation'), '']);
    expect(text).not.toContain(MAIL);
    expect(await violationsOf(stage, app.tenant, 1)).toMatchObject([{ action: 'blocked', rule_type: 'pii' }]);
    expect(await blocksOf(stage, app.tenant)).toEqual([{ target: id }]);
  });

  it.each(CHATS)('%s: what is redacted leaves redacted, also in a name that stands twice', async (wire) => {
    await addPolicy(stage, app.tenant, [pii('redact', 'both')]);
    stage.upstream.script({ text: ['Write to jane.', 'roe@corp.', 'example.com now.'] });
    const { status, text } = await ask(wire, `Write to ${MAIL}.`);
    expect([status, text]).toEqual([200, expect.stringContaining('now.')]);
    expect(sent()).not.toContain(MAIL);
    expect(text).not.toContain('jane.roe');
    const { path, body } = WIRES.openai('x');
    const twice = JSON.stringify(body).replace('"content":"x"', `"content":"${MAIL}","content":"harmless"`);
    await fetch(stage.url + path, { method: 'POST', headers: { 'x-api-key': app.token }, body: twice });
    expect(sent()).not.toContain(MAIL);
    expect(sent()).toContain('harmless');
  });

  it.each<Wire>(['openai', 'anthropic', 'across'])(
    '%s: a stream is read over its pieces, and what blocks ends it in its own shape',
    async (wire) => {
      await addPolicy(stage, app.tenant, [pii('redact', 'output')]);
      const answer = { text: ['Write to jane.', 'roe@corp.', 'example.com', ' now.'] };
      stage.upstream.script(answer, answer);
      const redacted = await ask(wire, 'Hi.', { stream: true });
      expect(redacted.text).toMatch(/\[EMAIL\].*now\./s);
      expect(redacted.text).not.toMatch(/jane\.|roe@corp/);
      app = await applicationOf(stage);
      await addPolicy(stage, app.tenant, [pii('block', 'output')]);
      const blocked = await ask(wire, 'Hi.', { stream: true });
      expect(blocked.text).toMatch(/"error":\{.*policy_violation/);
      expect(blocked.text).not.toMatch(/roe@corp|now\./);
    },
  );

  it('what no rule can read is refused by name: an image, an earlier answer that the vendor keeps', async () => {
    await addPolicy(stage, app.tenant, [pii('block', 'input')]);
    const image = {
      content: [{ type: 'image_url', image_url: { url: 'https://example.com/x.png' } }],
      role: 'user',
    };
    expect((await ask('openai', '', { messages: [image] })).text).toContain('image_url');
    expect((await ask('responses', 'Hi.', { previous_response_id: 'resp_1' })).text).toContain(
      'previous_response_id',
    );
    expect(sent()).toBe('');
  });

  it('rules about models, tools and the length of answers hold; a cap is sent where the call names none', async () => {
    await addPolicy(stage, app.tenant, [
      { type: 'models', deny: ['gpt-4.1'] },
      { type: 'tools', deny: ['web_search*'] },
      { type: 'max_output_tokens', max: 100 },
    ]);
    expect((await ask('openai', 'Hi.', { model: 'gpt-4.1' })).text).toContain('policy_violation');
    expect((await ask('openai', 'Hi.', { web_search_options: {} })).text).toContain('policy_violation');
    const server = { type: 'web_search_20250305', name: 'harmless' };
    expect((await ask('anthropic', 'Hi.', { tools: [server] })).text).toContain('policy_violation');
    expect((await ask('openai', 'Hi.', { max_completion_tokens: 60, n: 2 })).text).toContain(
      'policy_violation',
    );
    expect(sent()).toBe('');
    await ask('openai', 'Hi.');
    await ask('gemini', 'Hi.');
    expect(sent()).toMatch(/"max_completion_tokens":100.*"maxOutputTokens":100/s);
  });

  it.each<Wire>(['openai', 'across'])(
    '%s: a judge reads both sides, and an answer that it refuses is told to nobody',
    async (wire) => {
      const judge = {
        type: 'judge',
        instruction: 'No secrets.',
        aiProviderId: app.keys.google,
        model: 'gemini-2.5-flash',
      };
      await addPolicy(stage, app.tenant, [{ ...judge, on: 'both' }], { judgeKeys: [app.keys.google] });
      stage.upstream.respond((call) => {
        if (call.vendor !== 'gemini') return { text: ['The launch ', 'code is 7.'] };
        const violates = call.lastUserText.includes('launch');
        return { text: JSON.stringify({ violates, reason: 'x' }) };
      });
      for (const stream of [false, true]) {
        const { text } = await ask(wire, 'Hi.', { stream });
        expect(text).toContain('policy_violation');
        expect(text).not.toContain('code is 7');
      }
    },
  );

  it('#52 a call that was given the most output a policy leaves goes on when its rights are read again', async () => {
    await addPolicy(stage, app.tenant, [{ type: 'max_output_tokens', max: 64 }]);
    const { orgId } = app.tenant;
    for (const wire of ['openai', 'gemini', 'across'] as const) {
      stage.upstream.reset();
      stage.upstream.raw(() => {
        // The engine is told of a change while its request is under way, and asks the database again.
        void stage.notify({ orgId, topic: 'org.updated', ids: {} });
        return undefined;
      });
      stage.upstream.script({ text: 'Hello', delayMs: 700 });
      expect([wire, (await ask(wire, 'Hello')).status]).toEqual([wire, 200]);
    }
  });
});
