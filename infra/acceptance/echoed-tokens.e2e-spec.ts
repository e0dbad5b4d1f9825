import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TokenAnswer } from '#lib/testing';
import { SCRUBBER } from './support/echo-control.js';
import { brokenBuild } from './support/broken-build.js';
import { echoForms } from './support/echo-forms.js';
import { startEchoStage, type EchoStage } from './support/echo-stage.js';
import { CLOUD_WIRES } from './support/echo-wires.js';
import { partIn, partsOf } from './support/needles.js';

// Vertex' other server: the token endpoint is sent an assertion, which whoever holds it can exchange as well.

jest.setTimeout(240_000);

const wire = CLOUD_WIRES.find(({ name }) => name === 'vertex-token')!;
const FORMS = [...echoForms('').keys()];
const assertions: string[] = [];
let stage: EchoStage;
beforeAll(async () => {
  stage = await startEchoStage([wire]);
});
afterAll(() => stage?.stop());

const ANSWERS: [string, (echo: string) => TokenAnswer][] = [
  [
    'a refusal',
    (echo) => ({ status: 400, body: { error: 'invalid_grant', error_description: `Bad: ${echo}` } }),
  ],
  ['a code in its place', (echo) => ({ status: 401, body: { error: echo } })],
  [
    'a refusal that is cut off in it',
    (echo) => ({ status: 400, body: { error_description: 'x'.repeat(280) + echo } }),
  ],
  ['an answer without a token', (echo) => ({ body: { error_description: echo } })],
  ['a page', (echo) => ({ status: 502, body: `<pre>${echo}</pre>` })],
  ['broken JSON', (echo) => ({ body: `{"error":${echo}}` })],
  [
    'a redirect',
    (echo) => ({
      status: 302,
      headers: { location: `https://x.test/${encodeURIComponent(echo)}` },
      body: '',
    }),
  ],
];

/** The endpoint gives the assertion back in this form. */
function echoes(answer: (echo: string) => TokenAnswer, form: string): void {
  stage.vendors.token = (assertion) => {
    assertions.push(assertion);
    return answer(echoForms(assertion).get(form) ?? '');
  };
}

describe('#17 a token endpoint that gives the assertion back', () => {
  it.each(ANSWERS)('in %s: no caller sees it, nor who tests the key', async (_what, answer) => {
    for (const form of FORMS) {
      echoes(answer, form);
      const said = [
        await stage.run(stage.engine, wire),
        await stage.run(stage.engine, wire, { accept: 'text/event-stream' }),
        await stage.ticket(stage.engine, wire, 'test'),
      ];
      const parts = partsOf(assertions.slice(-3));
      expect([form, said.map((text) => partIn(text, parts))]).toEqual([form, [null, null, null]]);
      expect([form, said[0]]).toEqual([
        form,
        expect.stringMatching(/upstream_auth_failed|upstream_error|egress_blocked/),
      ]);
    }
  });

  it('nor the token that it refuses to hand out', async () => {
    for (const [name, form] of echoForms(wire.key)) {
      const body = { access_token: wire.key, error_description: `No: ${form}` };
      stage.vendors.token = () => ({ status: 403, body });
      const said = await stage.run(stage.engine, wire);
      expect([name, said]).toEqual([name, expect.stringMatching(/No: .{0,3}\[redacted\]/)]);
    }
  });

  it('and none of it is in the logs, in the database or in the queue', async () => {
    const sinks = await stage.sinks([stage.engine]);
    const parts = partsOf(assertions);
    for (const [place, text] of Object.entries(sinks))
      expect([place, partIn(text, parts)]).toEqual([place, null]);
    expect(stage.findsIn(sinks)).toEqual({});
    expect(sinks['responses']).toContain('[redacted]');
    expect(assertions.length).toBe(3 * FORMS.length * ANSWERS.length);
    for (const assertion of assertions) expect(assertion).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]{300,}$/);
  });

  it('control: without the scrubber it is told and kept', async () => {
    const build = brokenBuild([SCRUBBER]);
    const broken = stage.engineFrom(build.main);
    try {
      echoes(ANSWERS[0]![1], 'raw');
      const said = await stage.run(broken, wire);
      const parts = partsOf(assertions.slice(-1));
      const { database = '' } = await stage.sinks([broken]);
      expect([said, database].map((text) => partIn(text, parts) !== null)).toEqual([true, true]);
    } finally {
      await broken.stop();
      build.remove();
    }
  });
});
