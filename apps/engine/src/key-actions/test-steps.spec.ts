import { describe, expect, it } from '@jest/globals';
import { ClavigerError } from '#lib/contracts';
import { failedStep, inWordsOfATest, statusOf } from './test-steps.js';

describe('#19 a provider that is silent', () => {
  const late = new ClavigerError('upstream_timeout', 'No answer within 20 s. Try again, or raise timeoutMs.');

  it.each([true, false])('is unreachable, whether the request was sent (%s) or not', (sent) => {
    expect(statusOf(late, failedStep(late, sent))).toBe('unreachable');
  });

  it('is told of in words of a test, which has no time to raise', () => {
    const told = inWordsOfATest(late, 'OpenAI', 20_000);
    expect(told).toMatchObject({
      code: 'upstream_timeout',
      message:
        'OpenAI did not answer within 20 s. Check the base URL and whether the server is up, then try again.',
    });
  });

  it('every other failure is told as it is', () => {
    for (const error of [new ClavigerError('upstream_error', 'It broke.'), new Error('boom')])
      expect(inWordsOfATest(error, 'OpenAI', 20_000)).toBe(error);
  });
});
