import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { expectedFinds, findsWithoutScrubber } from './support/echo-control.js';
import { EchoScenarios } from './support/echo-scenarios.js';
import { startEchoStage, type EchoStage } from './support/echo-stage.js';
import { CLOUD_WIRES, SERVICE_ACCOUNT_PEM } from './support/echo-wires.js';
import { partIn, partsOf } from './support/needles.js';

// The clouds: Azure's api-key, Bedrock's binary event stream with a bearer key and with an IAM pair, Vertex with an express
// key and with a service account, whose access token is a secret of each run.

jest.setTimeout(480_000);

let stage: EchoStage;
beforeAll(async () => {
  stage = await startEchoStage(CLOUD_WIRES);
});
afterAll(() => stage?.stop());

const scenarios = new EchoScenarios(() => stage);

describe.each(CLOUD_WIRES)('#17 a vendor on the $base wire that gives the key back: $name', (wire) => {
  it('in a stream of text, cut at every offset of every form', () => scenarios.textCutAtEveryOffset(wire));

  it('in frames that arrive in two parts, cut at every byte, streamed and in one answer', () =>
    scenarios.framesCutAtEveryByte(wire));

  it('in the bodies and request ids of errors, and in errors in the middle of a stream', () =>
    scenarios.errors(wire));

  it('in names, inputs and ids of tool calls: neither the caller nor the tool gets it', () =>
    scenarios.toolCalls(wire));

  it('in tests of the key', () => scenarios.listsAndTests(wire));
});

describe('#17 E', () => {
  it('AWS quotes the request that it could not verify: the session token in it is taken out', async () => {
    const wire = CLOUD_WIRES.find(({ name }) => name === 'bedrock-session')!;
    const canonical = `POST\n/model/x/converse-stream\n\nhost:bedrock\nx-amz-security-token:${wire.key}\n\nhost;x-amz-security-token`;
    stage.upstream.script({
      status: 403,
      message: `The request signature we calculated does not match.\n\nThe Canonical String should have been\n'${canonical}'`,
      headers: { 'x-amzn-errortype': 'InvalidSignatureException' },
    });
    const said = await stage.run(stage.engine, wire);
    expect(said).toContain('upstream_auth_failed');
    expect(said).toContain('x-amz-security-token:[redacted]');
  });

  it('no echo is in what clients got, in the logs, in the database or in the queue', async () => {
    const sinks = await stage.sinks([stage.engine]);
    const finds = stage.findsIn({ ...sinks, tools: JSON.stringify(stage.tools.calls) });
    const [hits, wires] = [Object.keys(finds).length, CLOUD_WIRES.length];
    console.log(
      `${scenarios.echoes} echoes of ${wires} secrets in 13 forms over 3 cloud wires; hits: ${hits}`,
    );
    expect(finds).toEqual({});
    expect(sinks['logs']).toContain('run ended');
    expect(sinks['database']).toContain('[redacted]');
    expect(scenarios.echoes).toBeGreaterThan(30_000);
  });

  it('the private key of the service account is not even sent', async () => {
    const lines = SERVICE_ACCOUNT_PEM.split('\n').filter((line) => /^[\w+/]{60,}$/.test(line));
    const parts = partsOf(lines);
    const sent = stage.upstream.requests.map(({ url, body }) => url + body).join('\n');
    const seen = { sent, ...(await stage.sinks([stage.engine])) };
    for (const [place, text] of Object.entries(seen))
      expect([place, partIn(text, parts)]).toEqual([place, null]);
    expect(parts.size).toBeGreaterThan(1_000);
    expect(sent).toContain('assertion=');
  });
});

describe('#17 E, control', () => {
  it('without the scrubber the same is found in each of the places', async () => {
    const finds = await findsWithoutScrubber(stage);
    for (const sink of ['responses', 'logs', 'database', 'queue']) {
      const missed = expectedFinds(stage).filter((find) => !finds[sink]?.includes(find));
      expect([sink, missed]).toEqual([sink, []]);
    }
  });
});
