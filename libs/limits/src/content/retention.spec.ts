import { describe, expect, it } from '@jest/globals';
import { retainable, strictestRetention, type RetainableRun, type RetentionLevel } from './index.js';

const USAGE = {
  inputTokens: 7,
  outputTokens: 3,
  cachedInputTokens: 0,
  reasoningTokens: 0,
  totalTokens: 10,
  costMicroUsd: 5,
};
const CANARY = 'content-canary';

const RUN: RetainableRun = {
  result: {
    text: `text ${CANARY}`,
    output: { answer: CANARY },
    steps: [
      {
        step: 1,
        text: CANARY,
        toolCalls: [
          { toolCallId: 'call_1', name: 'look_up', input: { q: CANARY }, output: [CANARY], error: null },
          { toolCallId: 'call_2', name: 'look_up', input: CANARY, output: null, error: `refused: ${CANARY}` },
        ],
        finishReason: 'tool-calls',
        usage: USAGE,
      },
    ],
    usage: USAGE,
    served: { aiProviderId: 'aip_1', provider: 'openai', model: 'gpt-x', keyVersion: 2, attempts: [] },
    stopReason: 'toolCall',
    requiredAction: {
      type: 'tool_outputs',
      toolCalls: [{ toolCallId: 'call_2', name: 'look_up', input: CANARY }],
      approvals: [],
      expiresAt: '2026-11-22T04:00:00Z',
    },
  },
  error: {
    type: 'https://claviger.dev/errors/output_invalid',
    title: 'Output invalid',
    status: 422,
    detail: `The model said: ${CANARY}`,
    instance: '/internal/v1/workspaces/ws_1/agent-runs',
    code: 'output_invalid',
    requestId: 'req_1',
    runId: 'run_1',
    errors: [{ pointer: '/agent', detail: CANARY }],
    text: CANARY,
  },
};

describe('#48 what of a run is stored', () => {
  it('full: all of it', () => {
    expect(retainable(RUN, 'full')).toEqual(RUN);
  });

  it('metadata: what describes it, nothing that was said', () => {
    const kept = retainable(RUN, 'metadata');
    expect(JSON.stringify(kept)).not.toContain(CANARY);
    expect(kept.result).toEqual({
      text: '',
      output: null,
      steps: [
        {
          step: 1,
          text: '',
          toolCalls: [
            { toolCallId: 'call_1', name: 'look_up', input: null, output: null, error: null },
            {
              toolCallId: 'call_2',
              name: 'look_up',
              input: null,
              output: null,
              error: expect.stringMatching(/^Not kept/),
            },
          ],
          finishReason: 'tool-calls',
          usage: USAGE,
        },
      ],
      usage: USAGE,
      served: RUN.result.served,
      stopReason: 'toolCall',
    });
    expect(kept.error).toMatchObject({
      code: 'output_invalid',
      status: 422,
      requestId: 'req_1',
      runId: 'run_1',
    });
  });

  it('none: nothing but the code of an error', () => {
    const kept = retainable(RUN, 'none');
    expect(JSON.stringify(kept)).not.toContain(CANARY);
    expect(kept.result).toBeNull();
    expect(kept.error?.code).toBe('output_invalid');
    expect(retainable({ ...RUN, error: null }, 'none')).toEqual({ result: null, error: null });
  });

  it.each<[RetentionLevel[], RetentionLevel]>([
    [[], 'full'],
    [['full'], 'full'],
    [['full', 'metadata'], 'metadata'],
    [['none', 'full', 'metadata'], 'none'],
    [['metadata', 'none'], 'none'],
  ])('of %j the strictest holds: %s', (levels, strictest) => {
    expect(strictestRetention(levels)).toBe(strictest);
  });
});
