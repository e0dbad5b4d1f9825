import { describe, expect, it } from '@jest/globals';
import { ClavigerError } from '#lib/contracts';
import { LoopState } from './loop-state.js';
import { REDACTED, Scrubber } from './scrubber.js';
import { mapUpstreamError, upstreamRequestId } from './upstream-errors.js';

const KEY = 'sk-proj-Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z';
const scrubber = new Scrubber([KEY]);

describe('E: a key that comes back where no text is expected', () => {
  it('in pieces, a tool call and a new step between each two, is put together by nobody', () => {
    for (const size of [5, 10, 15]) {
      const state = new LoopState(scrubber);
      const told: string[] = [];
      for (let at = 0; at < KEY.length; at += size) {
        state.stepStarted();
        const events = [...state.text(KEY.slice(at, at + size)), ...state.flush()];
        for (const event of events) if (event.type === 'text.delta') told.push(event.delta);
        state.toolCall(`call_${at}`, 'look', {});
      }
      const text = told.join('');
      expect([size, text.includes(KEY.slice(0, 16)), text.includes(REDACTED)]).toEqual([size, false, true]);
      expect([size, text.replace(REDACTED, '').length < 16]).toEqual([size, true]);
    }
  });

  it('as the id, the name and the input of a tool call and of its result', () => {
    const state = new LoopState(scrubber);
    state.stepStarted();
    const call = state.toolCall(KEY, KEY, { [KEY]: KEY });
    const result = state.toolResult(KEY, KEY, KEY, KEY);
    const usage = {
      inputTokens: 0,
      outputTokens: 0,
      cachedInputTokens: 0,
      reasoningTokens: 0,
      totalTokens: 0,
    };
    expect(JSON.stringify([call, result, state.stepFinished('stop', usage, null)])).not.toContain('Ab3d');
  });

  it('in an error of our own that quotes the upstream, such as the host of a redirect', () => {
    const quoting = new ClavigerError('egress_blocked', `redirect to ${KEY.toLowerCase()}.test`, {
      extras: { text: KEY, seconds: 3 },
    });
    const mapped = mapUpstreamError(quoting, { scrubber, provider: 'openai' });
    expect(mapped).toMatchObject({
      code: 'egress_blocked',
      message: `redirect to ${REDACTED}.test`,
      extras: { text: REDACTED, seconds: 3 },
    });
    const plain = new ClavigerError('egress_blocked', 'redirect to elsewhere.test');
    expect(mapUpstreamError(plain, { scrubber, provider: 'openai' })).toBe(plain);
  });

  it('across the place where a long request id is cut', () => {
    for (let before = 160; before <= 200; before += 1) {
      const id = upstreamRequestId({ 'x-request-id': `${'x'.repeat(before)}${KEY}` }, scrubber) ?? '';
      expect([before, id.length <= 200, /Ab3d/.test(id)]).toEqual([before, true, false]);
    }
  });
});
