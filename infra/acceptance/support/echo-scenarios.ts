import { expect } from '@jest/globals';
import { echoForms, longestPart } from './echo-forms.js';
import { joinedDeltas, type EchoStage } from './echo-stage.js';
import type { EchoWire } from './echo-wires.js';

const SSE = 'text/event-stream';
const STATUSES = [400, 401, 403, 429, 500];

const count = (text: string) => text.split('[redacted]').length - 1;
/** Streamed and in one answer by turns: both ways end in the same scrubber, and each form meets both. */
const acceptFor = (turn: number) => (turn % 2 === 0 ? SSE : 'application/json');
const idHeaders = (form: string) => ({
  'x-request-id': form,
  'request-id': form,
  'x-amzn-requestid': form,
  'apim-request-id': form,
});

/** The places where a vendor may give a key back, each tried with every form of it. */
export class EchoScenarios {
  /** Echoes so far. */
  echoes = 0;

  constructor(private readonly stage: () => EchoStage) {}

  /** A stream of text, cut at every offset of every form. */
  async textCutAtEveryOffset(wire: EchoWire): Promise<void> {
    const stage = this.stage();
    for (const [name, form] of echoForms(wire.key)) {
      const offsets = [...form].map((_, at) => at);
      stage.upstream.script({ text: offsets.flatMap((at) => [form.slice(0, at), `${form.slice(at)} | `]) });
      const stream = await stage.run(stage.engine, wire, { accept: SSE });
      this.#expectTakenOut(name, wire, joinedDeltas(stream), offsets.length);
    }
  }

  /** Frames that arrive in two parts, cut at every byte, streamed and in one answer. */
  async framesCutAtEveryByte(wire: EchoWire): Promise<void> {
    const stage = this.stage();
    for (const [turn, [name, form]] of [...echoForms(wire.key)].entries()) {
      // As many frames as a frame has bytes: each is cut one byte further than the one before.
      const frames = form.length + 260;
      const accept = acceptFor(turn + stage.wires.indexOf(wire));
      stage.upstream.script({ text: Array.from({ length: frames }, () => `${form} | `), cutFrames: true });
      const answer = await stage.run(stage.engine, wire, { accept });
      const text = accept === SSE ? joinedDeltas(answer) : String(JSON.parse(answer).text);
      this.#expectTakenOut(name, wire, text, frames);
    }
  }

  /** Bodies and request ids of errors, and errors in the middle of a stream. */
  async errors(wire: EchoWire): Promise<void> {
    const stage = this.stage();
    for (const [turn, [name, form]] of [...echoForms(wire.key)].entries()) {
      const headers = idHeaders(form);
      for (const [at, status] of STATUSES.entries()) {
        // No run waits for an hour: the refusal is told at once.
        const turnedAway = status === 429 ? { ...headers, 'retry-after': '3600' } : headers;
        stage.upstream.script({ status, message: `Wrong key: ${form} it was`, headers: turnedAway });
        const said = await stage.run(stage.engine, wire, { accept: acceptFor(turn + at) });
        // The sentence around the key is still told.
        expect([name, status, said]).toEqual([name, status, expect.stringContaining('Wrong key: ')]);
        this.echoes += 2;
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
        this.echoes += 1;
      }
    }
  }

  /** Names, inputs and ids of tool calls. */
  async toolCalls(wire: EchoWire): Promise<void> {
    const stage = this.stage();
    const tool = {
      ...{
        type: 'http',
        name: 'look',
        description: 'Looks.',
        method: 'POST',
        url: `${stage.tools.url}/look`,
      },
      inputSchema: { type: 'object', properties: { q: { type: 'string' } } },
    };
    for (const [turn, [, form]] of [...echoForms(wire.key)].entries()) {
      const headers = idHeaders(form);
      const input = { q: form, [form]: { deep: [`:${form}:`] } };
      stage.upstream.script(
        { toolCalls: [{ id: form, name: 'look', input }], headers },
        { toolCalls: [{ id: form, name: form, input: {} }] },
        { text: 'done' },
      );
      await stage.run(stage.engine, wire, { accept: acceptFor(turn), agent: { tools: [tool] } });
      this.echoes += 7;
    }
    expect(stage.tools.calls.length).toBeGreaterThan(0);
  }

  /** Lists of models, where there are any, and tests of the key. */
  async listsAndTests(wire: EchoWire): Promise<void> {
    const stage = this.stage();
    for (const [, form] of echoForms(wire.key)) {
      stage.vendors.ids = () => ['first', `models/${form}`, form];
      const listed = await stage.ticket(stage.engine, wire, 'list-models');
      expect(listed).toContain(wire.lists ? '[redacted]' : 'listing_unsupported');
      for (const status of [401, 500]) {
        stage.upstream.script({ status, message: `Wrong key: ${form}`, headers: idHeaders(form) });
        expect(await stage.ticket(stage.engine, wire, 'test')).toContain('[redacted]');
        this.echoes += 2;
      }
      stage.upstream.script({
        status: 302,
        headers: { location: `https://${form.slice(0, 10)}.test/${form}` },
      });
      await stage.ticket(stage.engine, wire, 'test');
      this.echoes += wire.lists ? 3 : 1;
    }
  }

  /** Each echo was taken out once, and of what is left no 16 characters in a row are the key's. */
  #expectTakenOut(what: string, wire: EchoWire, text: string, times: number): void {
    this.echoes += times;
    const parts = text.split(' | ').slice(0, -1);
    expect([what, count(text), parts.length]).toEqual([what, times, times]);
    // What base64 makes of the neighbours may stay, three characters on each side.
    const left = parts.map((part) => part.replace('[redacted]', '')).filter((rest) => rest.length > 6);
    expect([what, left]).toEqual([what, []]);
    expect([what, longestPart(wire.key, text) < 16]).toEqual([what, true]);
  }
}
