import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answersOf, driveLedger, judgeLedger, ledgerCalls, ledgerOf } from '#lib/testing';
import { applicationOf } from './support/compatible.js';
import { startStage, type Stage } from './support/stage.js';
import { until } from './support/until.js';

/** `npm run prove -- --only metering` makes a thousand, and kills an engine. */
const STREAMS = 100;

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());

describe('F. the ledger', () => {
  it('is what the vendors reported, to the token: streams of every protocol over two engines, 30 in 100 cut by their client, 6 failed by their vendor', async () => {
    const { tenant, token } = await applicationOf(stage);
    const { url } = await stage.second();
    const calls = ledgerCalls(STREAMS, { cut: 0.3, failed: 0.06 });
    stage.upstream.respond(answersOf(calls));
    const target = {
      ...{ urls: [stage.url, url], workspaceId: tenant.workspaceId },
      ...{ workspaceToken: token, engineToken: tenant.token },
    };
    const made = await driveLedger(calls, target, 12);
    const ledger = async () => ledgerOf(stage.db, tenant.orgId);
    // A run that was left goes on for a moment, for a caller who comes back.
    await until(async () => (await ledger()).size >= STREAMS, 45_000);
    const lines = await ledger();
    const verdict = judgeLedger(made, lines, stage.upstream.requests);
    expect(verdict).toMatchObject({ missing: [], doubled: [], differing: [] });
    expect(verdict.recorded).toEqual(verdict.due);
    expect(lines.size).toBe(STREAMS);
    const outcomes = [...lines.values()].map(({ outcome }) => outcome);
    const count = (outcome: string) => outcomes.filter((one) => one === outcome).length;
    expect([count('ok'), count('aborted'), count('failed')]).toEqual([64, 30, 6]);
  }, 90_000);

  it('control: a token more or less, a receipt that is lost and one that is there twice are found', async () => {
    const [call] = ledgerCalls(1, { cut: 0, failed: 0 });
    const { input, output, cached, reasoning } = call!.usage;
    const made = [
      {
        ...{ call: call!, runId: 'run_1', sentBytes: 1, promptLength: 1, endedMs: 0, trouble: null },
      },
    ];
    const line = { runId: 'run_1', receipts: 1, outcome: 'ok', input, output, cached, reasoning };
    const found = (change: object) => {
      const { missing, doubled, differing } = judgeLedger(
        made,
        new Map([['run_1', { ...line, ...change }]]),
        [],
      );
      return [missing.length, doubled.length, differing.length];
    };
    expect(found({})).toEqual([0, 0, 0]);
    expect(found({ output: output + 1 })).toEqual([0, 0, 1]);
    expect(found({ receipts: 2 })).toEqual([0, 1, 0]);
    expect(judgeLedger(made, new Map(), []).missing).toHaveLength(1);
  });
});
