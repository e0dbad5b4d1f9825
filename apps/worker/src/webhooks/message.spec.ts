import { describe, expect, it } from '@jest/globals';
import type { DueMessage, RunOfMessage } from '#lib/persistence';
import { bodyOf, mayKeepEchoOf } from './message.js';

const RUN: RunOfMessage = {
  node_execution_id: 'node-1',
  workflow_id: 'flow',
  workflow_version: '2',
  status: 'succeeded',
  result: {
    text: 'said',
    output: { n: 1 },
    steps: ['not sent'],
    usage: { totalTokens: 3 },
    served: null,
    stopReason: 'model',
  },
  error: null,
  retention: 'full',
  started_at: new Date('2026-11-21T10:00:00Z'),
  finished_at: new Date('2026-11-21T10:00:05Z'),
};

function dataOf(run: RunOfMessage | null, type = 'run.finished'): Record<string, unknown> {
  return (JSON.parse(bodyOf(message(run, type))) as { data: Record<string, unknown> }).data;
}

function message(run: RunOfMessage | null, type: string): DueMessage {
  return {
    ...{ messageId: 'evt_1', type, ids: { runId: 'run_1', workspaceId: 'ws_1' }, roundAttempts: 1 },
    ...{ occurredAt: new Date('2026-11-21T10:00:05Z'), url: 'https://x', run, secrets: [] },
  };
}

describe('#55 what a message says', () => {
  it('is the run’s answer with its ids, without its steps', () => {
    expect(dataOf(RUN)).toEqual({
      ...{ runId: 'run_1', workspaceId: 'ws_1', nodeExecutionId: 'node-1', status: 'succeeded' },
      workflow: { id: 'flow', version: '2' },
      ...{ startedAt: '2026-11-21T10:00:00.000Z', finishedAt: '2026-11-21T10:00:05.000Z' },
      ...{ text: 'said', output: { n: 1 }, usage: { totalTokens: 3 }, served: null },
      stopReason: 'model',
    });
  });

  it('#48 is no more than what is kept, whatever the row still holds', () => {
    const [metadata, none] = ['metadata', 'none'].map((retention) => dataOf({ ...RUN, retention }));
    expect(metadata).toMatchObject({ retention: 'metadata', usage: { totalTokens: 3 } });
    for (const data of [metadata, none])
      for (const field of ['text', 'output']) expect(data).not.toHaveProperty(field);
    expect(none).not.toHaveProperty('usage');
    expect([RUN, { ...RUN, retention: 'none' }].map((run) => mayKeepEchoOf(message(run, 'x')))).toEqual([
      true,
      false,
    ]);
  });

  it('is of the moment that it tells of: a run that went on since is not quoted', () => {
    const paused = dataOf(RUN, 'run.requires_action');
    expect(paused).toMatchObject({ status: 'requires_action', nodeExecutionId: 'node-1' });
    expect(paused).not.toHaveProperty('text');
  });

  it('is bounded, and says of what is gone no more than its ids', () => {
    const long = dataOf({ ...RUN, result: { ...RUN.result, text: 'x'.repeat(300_000) } });
    expect(long).toMatchObject({ contentOmitted: true, usage: { totalTokens: 3 } });
    expect(long).not.toHaveProperty('text');
    expect(dataOf(null)).toEqual({ runId: 'run_1', workspaceId: 'ws_1', status: 'succeeded' });
    expect(dataOf(null, 'policy.violated')).toEqual({ runId: 'run_1', workspaceId: 'ws_1' });
  });
});
