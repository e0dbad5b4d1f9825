import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { ScriptedAnswer } from '#lib/testing';
import { brokenBuild, ROOT } from './support/broken-build.js';
import { SCRUBBER } from './support/echo-control.js';
import { longestPart } from './support/echo-forms.js';
import { startEchoStage, type EchoStage } from './support/echo-stage.js';
import { CLOUD_WIRES, PLAIN_WIRES, type EchoWire } from './support/echo-wires.js';
import type { EngineProcess } from './support/engine-process.js';

jest.setTimeout(120_000);

const SSE = 'text/event-stream';
const WIRES = [...PLAIN_WIRES, ...CLOUD_WIRES];
const engines: EngineProcess[] = [];
let stage: EchoStage;
let endings = 0;
beforeAll(async () => {
  stage = await startEchoStage(WIRES);
  engines.push(stage.engine);
});
afterAll(() => stage?.stop());

/** Where the answer is cut: in the middle of the key, at a place that shows fewer than 16 characters, and at one that would not. */
const CUTS = [9, 30];
const PAUSE_MS = 250;

/** Every wire and every cut at once; what the vendors say waits for them by whom they answer. */
async function eachCut(act: (wire: EchoWire, cut: number) => Promise<void>): Promise<void> {
  for (const cut of CUTS) await Promise.all(WIRES.map((wire) => act(wire, cut)));
}

const said = new Map<string, ScriptedAnswer[]>();
function script({ seenAs }: EchoWire, answer: ScriptedAnswer): void {
  said.set(seenAs, [...(said.get(seenAs) ?? []), answer]);
  stage.upstream.respond((call) => said.get(call.key ?? '')?.shift());
}

/** The vendor says a word, half of the key, and after a pause the other half. */
function scriptHalves(wire: EchoWire, cut: number): void {
  const { key } = wire;
  const text = ['Here: ', key.slice(0, cut), key.slice(cut), ' there'];
  script(wire, { text, pieceDelayMs: PAUSE_MS });
}

/** `inside` resolves when the first half of the key is inside the engine: behind the words before it, and a pause. */
function listening() {
  let tell: () => void;
  const words = new Promise<void>((resolve) => (tell = resolve));
  let text = '';
  const onPiece = (piece: string) => {
    text += piece;
    if (text.includes('Here: ')) tell();
  };
  return { inside: words.then(() => delay(1.3 * PAUSE_MS)), onPiece, heard: () => text };
}

describe('#17 a key on its way back', () => {
  it('stays unseen when the client goes away in the middle of it', () =>
    eachCut(async (wire, cut) => {
      scriptHalves(wire, cut);
      const gone = new AbortController();
      const { inside, onPiece } = listening();
      const stream = stage.run(stage.engine, wire, { accept: SSE, signal: gone.signal, onPiece });
      const outcome = stream.catch(() => 'gone');
      await inside;
      gone.abort();
      expect(await outcome).toBe('gone');
      endings += 1;
    }));

  it('stays unseen when the run is cancelled in the middle of it', () =>
    eachCut(async (wire, cut) => {
      scriptHalves(wire, cut);
      const { inside, onPiece, heard } = listening();
      const stream = stage.run(stage.engine, wire, { accept: SSE, onPiece });
      await inside;
      const [, runId = ''] = /"runId":"(run_\w+)"/.exec(heard()) ?? [];
      await stage.send(stage.engine, wire, `/agent-runs/${runId}/cancel`, undefined, { method: 'POST' });
      expect(await stream).toContain('run_cancelled');
      endings += 1;
    }));

  it.each([SSE, 'application/json'])('stays unseen when the time is up in the middle of it: %s', (accept) =>
    eachCut(async (wire, cut) => {
      script(wire, { text: `Here: ${wire.key.slice(0, cut)}`, hang: 'body' });
      const agent = { timeoutMs: 1_000 };
      expect(await stage.run(stage.engine, wire, { accept, agent })).toContain('upstream_timeout');
      endings += 1;
    }),
  );

  it.each([SSE, 'application/json'])('stays unseen when the vendor’s answer breaks off in it: %s', (accept) =>
    eachCut(async (wire, cut) => {
      const { key } = wire;
      const text = [`Here: ${key.slice(0, cut)}`, key.slice(cut, cut + 3), key.slice(cut + 3)];
      for (const ending of [{ cutAfter: 2, pieceDelayMs: 50 }, { silentEnd: true }, { errorEvent: key }]) {
        script(wire, { text: 'silentEnd' in ending ? text.slice(0, 2) : text, ...ending });
        expect(await stage.run(stage.engine, wire, { accept })).toContain('upstream_error');
        endings += 1;
      }
    }),
  );

  it('stays unseen when the engine is killed in the middle of it', async () => {
    for (const cut of CUTS) {
      const engine = stage.engineFrom(`${ROOT}/dist/apps/engine/src/main.js`);
      engines.push(engine);
      const heard = WIRES.map((wire) => {
        scriptHalves(wire, cut);
        const { inside, onPiece } = listening();
        return { inside, outcome: stage.run(engine, wire, { accept: SSE, onPiece }).catch(() => 'gone') };
      });
      await Promise.all(heard.map(({ inside }) => inside));
      await engine.stop('SIGKILL');
      for (const { outcome } of heard) expect(await outcome).toBe('gone');
      endings += heard.length;
    }
  });
});

describe('#17 E', () => {
  it('whatever ended the answer: nobody and nothing got the key, nor sixteen characters of it', async () => {
    const sinks = await stage.sinks(engines);
    expect(stage.findsIn(sinks)).toEqual({});
    for (const [sink, text] of Object.entries(sinks)) {
      const unescaped = text.replaceAll('\\', '');
      const longest = Math.max(...WIRES.map((wire) => longestPart(wire.key.replaceAll('\\', ''), unescaped)));
      expect([sink, longest < 16]).toEqual([sink, true]);
    }
    console.log(
      `${endings} answers ended in the middle of a key, ${engines.length - 1} times by kill -9; hits: 0`,
    );
    expect(sinks['responses']).toContain('Here: ');
  });

  it('control: without the scrubber half a key is told and kept', async () => {
    const build = brokenBuild([SCRUBBER]);
    const broken = stage.engineFrom(build.main);
    try {
      for (const wire of WIRES) {
        script(wire, { text: ['Here: ', wire.key.slice(0, 30), 'never'], cutAfter: 2, pieceDelayMs: 50 });
        await stage.run(broken, wire, { accept: SSE });
      }
      const { responses = '', database = '' } = await stage.sinks([broken]);
      for (const wire of WIRES) {
        for (const text of [responses, database]) {
          expect(longestPart(wire.key, text.replaceAll('\\', ''))).toBeGreaterThanOrEqual(16);
        }
      }
    } finally {
      await broken.stop();
      build.remove();
    }
  });
});
