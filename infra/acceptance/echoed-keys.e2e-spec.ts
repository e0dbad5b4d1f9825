import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { expectedFinds, findsWithoutScrubber } from './support/echo-control.js';
import { EchoScenarios } from './support/echo-scenarios.js';
import { startEchoStage, type EchoStage } from './support/echo-stage.js';
import { PLAIN_WIRES } from './support/echo-wires.js';

jest.setTimeout(240_000);

let stage: EchoStage;
beforeAll(async () => {
  stage = await startEchoStage(PLAIN_WIRES);
});
afterAll(() => stage?.stop());

const scenarios = new EchoScenarios(() => stage);

describe.each(PLAIN_WIRES)('#17 a vendor on the $base wire that gives the key back', (wire) => {
  it('in a stream of text, cut at every offset of every form', () => scenarios.textCutAtEveryOffset(wire));

  it('in frames that arrive in two parts, cut at every byte, streamed and in one answer', () =>
    scenarios.framesCutAtEveryByte(wire));

  it('in the bodies and request ids of errors, and in errors in the middle of a stream', () =>
    scenarios.errors(wire));

  it('in names, inputs and ids of tool calls: neither the caller nor the tool gets it', () =>
    scenarios.toolCalls(wire));

  it('in lists of models, and in tests of the key', () => scenarios.listsAndTests(wire));
});

describe('#17 E', () => {
  it('no echo is in what clients got, in the logs, in the database or in the queue', async () => {
    const sinks = await stage.sinks([stage.engine]);
    const finds = stage.findsIn({ ...sinks, tools: JSON.stringify(stage.tools.calls) });
    const hits = Object.keys(finds).length;
    console.log(`${scenarios.echoes} echoes of 3 keys in 13 forms over 3 wires; hits: ${hits}`);
    expect(finds).toEqual({});
    expect(sinks['logs']).toContain('run ended');
    expect(sinks['database']).toContain('[redacted]');
    expect(scenarios.echoes).toBeGreaterThan(15_000);
  });

  it('control: without the scrubber the same is found in each of them', async () => {
    const finds = await findsWithoutScrubber(stage);
    for (const sink of ['responses', 'logs', 'database', 'queue']) {
      const missed = expectedFinds(stage).filter((find) => !finds[sink]?.includes(find));
      expect([sink, missed]).toEqual([sink, []]);
    }
  });
});
