import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { WIRES } from '../../apps/engine/test/support/wires.js';
import { JobQueue, queueBackend } from '#lib/queue';
import { brokenBuild } from './support/broken-build.js';
import { echoForms, longestPart } from './support/echo-forms.js';
import {
  findsIn,
  joinedDeltas,
  KEYS,
  startEchoStage,
  type EchoStage,
  type Wire,
} from './support/echo-stage.js';

jest.setTimeout(240_000);

const SSE = 'text/event-stream';
const STATUSES = [400, 401, 403, 429, 500];

let stage: EchoStage;
beforeAll(async () => {
  stage = await startEchoStage();
});
afterAll(() => stage?.stop());

const formsOf = ({ provider }: Wire) => [...echoForms(KEYS[provider] ?? '')];
/** Streamed and in one answer by turns: both ways end in the same scrubber, and each form meets both. */
const acceptFor = (turn: number) => (turn % 2 === 0 ? SSE : 'application/json');
const count = (text: string) => text.split('[redacted]').length - 1;
let echoes = 0;

/** Each echo was taken out once, and of what is left no 16 characters in a row are the key's. */
function expectTakenOut(what: string, wire: Wire, text: string, times: number): void {
  echoes += times;
  const parts = text.split(' | ').slice(0, -1);
  expect([what, count(text), parts.length]).toEqual([what, times, times]);
  // What base64 makes of the neighbours may stay, three characters on each side.
  const left = parts.map((part) => part.replace('[redacted]', '')).filter((rest) => rest.length > 6);
  expect([what, left]).toEqual([what, []]);
  expect([what, longestPart(KEYS[wire.provider] ?? '', text) < 16]).toEqual([what, true]);
}

describe.each(WIRES)('#17 a vendor on the $wire wire that gives the key back', (wire) => {
  it('in a stream of text, cut at every offset of every form', async () => {
    for (const [name, form] of formsOf(wire)) {
      const offsets = [...form].map((_, at) => at);
      stage.upstream.script({ text: offsets.flatMap((at) => [form.slice(0, at), `${form.slice(at)} | `]) });
      const stream = await stage.run(stage.engine, wire, { accept: SSE });
      expectTakenOut(name, wire, joinedDeltas(stream), offsets.length);
    }
  });

  it('in frames that arrive in two parts, cut at every byte, streamed and in one answer', async () => {
    for (const [turn, [name, form]] of formsOf(wire).entries()) {
      // As many frames as a frame has bytes: each is cut one byte further than the one before.
      const frames = form.length + 260;
      const accept = acceptFor(turn + WIRES.indexOf(wire));
      stage.upstream.script({ text: Array.from({ length: frames }, () => `${form} | `), cutFrames: true });
      const answer = await stage.run(stage.engine, wire, { accept });
      const text = accept === SSE ? joinedDeltas(answer) : String(JSON.parse(answer).text);
      expectTakenOut(name, wire, text, frames);
    }
  });

  it('in the bodies and request ids of errors, and in errors in the middle of a stream', async () => {
    for (const [turn, [name, form]] of formsOf(wire).entries()) {
      const headers = { 'x-request-id': form, 'request-id': form };
      for (const [at, status] of STATUSES.entries()) {
        stage.upstream.script({ status, message: `Wrong key: ${form} it was`, headers });
        const said = await stage.run(stage.engine, wire, { accept: acceptFor(turn + at) });
        // The sentence around the key is still told.
        expect([name, status, said]).toEqual([name, status, expect.stringContaining('Wrong key: ')]);
        echoes += 2;
      }
      const others = [
        { text: ['Here it', ' comes'], errorEvent: `Broken by ${form}`, headers },
        // Cut off in the middle by our own bound on quotes, and a page in place of the vendor's JSON.
        { status: 500, message: `${'x'.repeat(490)} ${form}` },
        { status: 502, page: `<h1>Error</h1><pre>authorization: ${form}</pre>` },
      ];
      for (const [at, answer] of others.entries()) {
        stage.upstream.script(answer);
        await stage.run(stage.engine, wire, { accept: acceptFor(turn + at) });
        echoes += 1;
      }
    }
  });

  it('in names, inputs and ids of tool calls: neither the caller nor the tool gets it', async () => {
    const tool = {
      type: 'http',
      name: 'look',
      description: 'Looks.',
      method: 'POST',
      url: `${stage.tools.url}/look`,
      inputSchema: { type: 'object', properties: { q: { type: 'string' } } },
    };
    for (const [turn, [, form]] of formsOf(wire).entries()) {
      const headers = { 'x-request-id': form, 'request-id': form };
      const input = { q: form, [form]: { deep: [`:${form}:`] } };
      stage.upstream.script(
        { toolCalls: [{ id: form, name: 'look', input }], headers },
        { toolCalls: [{ id: form, name: form, input: {} }] },
        { text: 'done' },
      );
      await stage.run(stage.engine, wire, { accept: acceptFor(turn), agent: { tools: [tool] } });
      echoes += 7;
    }
    expect(stage.tools.calls.length).toBeGreaterThan(0);
  });

  it('in lists of models, and in tests of the key', async () => {
    for (const [, form] of formsOf(wire)) {
      stage.listing.ids = () => ['first', `models/${form}`, form];
      expect(await stage.ticket(stage.engine, wire, 'list-models')).toContain('[redacted]');
      for (const status of [401, 500]) {
        stage.upstream.script({
          status,
          message: `Wrong key: ${form}`,
          headers: { 'x-request-id': form, 'request-id': form },
        });
        expect(await stage.ticket(stage.engine, wire, 'test')).toContain('[redacted]');
        echoes += 2;
      }
      stage.upstream.script({
        status: 302,
        headers: { location: `https://${form.slice(0, 10)}.test/${form}` },
      });
      await stage.ticket(stage.engine, wire, 'test');
      echoes += 3;
    }
  });
});

describe('#17 E', () => {
  it('no echo is in what clients got, in the logs, in the database or in the queue', async () => {
    const sinks = await stage.sinks([stage.engine]);
    console.log(
      `${echoes} echoes of 3 keys in 13 forms over 3 wires; hits: ${Object.keys(findsIn(sinks)).length}`,
    );
    expect(findsIn({ ...sinks, tools: JSON.stringify(stage.tools.calls) })).toEqual({});
    expect(sinks['logs']).toContain('run ended');
    expect(sinks['database']).toContain('[redacted]');
    expect(echoes).toBeGreaterThan(15_000);
  });

  it('control: without the scrubber the same is found in each of them', async () => {
    const build = brokenBuild([
      { file: 'libs/providers/src/scrubber.js', sound: 'flatMap(formsOf)', broken: 'flatMap(() => [])' },
      // A careless line besides: the log's own layers keep such text out otherwise.
      {
        file: 'apps/engine/src/agent-runs/run-ledger.js',
        sound: "this.log.info(fields, 'run ended')",
        broken: 'process.stdout.write(`${JSON.stringify(error ?? null)}\\n`)',
      },
    ]);
    const broken = stage.engineFrom(build.main);
    try {
      for (const wire of WIRES) {
        for (const [, form] of formsOf(wire)) {
          stage.upstream.script(
            { text: [form.slice(0, 9), form.slice(9)] },
            { status: 500, message: `by ${form}` },
          );
          await stage.run(broken, wire, { accept: SSE });
          const problem: unknown = JSON.parse(await stage.run(broken, wire));
          await plantJob(Object.values(Object(problem)).join(' '));
        }
      }
      const finds = findsIn(await stage.sinks([broken]));
      const forms = [
        'percent-encoded',
        'percent-encoded, every byte',
        ...['base64 at 0', 'base64 at 1', 'base64 at 2', 'base64url at 0'],
        ...['unicode-escaped, in JSON', 'HTML-escaped throughout', 'hex'],
      ];
      for (const sink of ['responses', 'logs', 'database', 'queue']) {
        const expected = WIRES.flatMap(({ provider }) => forms.map((form) => `${provider}: ${form}`));
        expect([sink, expected.filter((find) => !finds[sink]?.includes(find))]).toEqual([sink, []]);
      }
    } finally {
      await broken.stop();
      build.remove();
    }
  });
});

/** A job as a careless producer would make it, through the real queue. */
async function plantJob(text: string): Promise<void> {
  const queue = new JobQueue('shredding', queueBackend(stage.database.superuserUrl, null), () => undefined);
  await queue.add({ orgId: 'org_x', secretId: text, version: 1 }, { delayMs: 3_600_000 });
  await queue.close();
}
