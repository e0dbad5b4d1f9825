import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { within } from './within.js';

const late = (): Error => new Error('late');

describe('a deadline', () => {
  it('passes on what comes in time, and what fails', async () => {
    await expect(within(Promise.resolve('done'), 1_000, late)).resolves.toBe('done');
    await expect(within(Promise.reject(new Error('failed')), 1_000, late)).rejects.toThrow('failed');
  });

  it('is an error when it is over', async () => {
    await expect(within(new Promise(() => undefined), 10, late)).rejects.toThrow('late');
  });

  it('does not blame others for the time that this process stood still', async () => {
    // From here on the loop looks at timers first, and only then at what arrived.
    await new Promise((resume) => setImmediate(resume));
    // Done in another thread while this one is blocked.
    const work = promisify(randomBytes)(8);
    const bounded = within(work, 10, late);
    const until = performance.now() + 100;
    while (performance.now() < until);
    await expect(bounded).resolves.toHaveLength(8);
  });
});
