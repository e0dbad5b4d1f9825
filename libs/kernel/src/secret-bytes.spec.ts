import { format, inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { SecretBytes } from './secret-bytes.js';

const TEXT = 'sk-live-0123456789';

describe('SecretBytes', () => {
  it('#17 prints as [redacted] however it is shown', () => {
    const secret = SecretBytes.fromText(TEXT);
    const holder = { nested: [{ secret }], map: new Map([['secret', secret]]) };
    const shown = [
      String(secret),
      ['', secret].join(''),
      JSON.stringify(holder),
      inspect(holder, { depth: null, showHidden: true }),
      inspect(secret, { customInspect: false, showHidden: true }),
      format('%s %o %O %j', secret, secret, secret, secret),
      inspect(new Error('failed', { cause: holder }), { depth: null }),
      inspect(Object.entries(secret)),
      JSON.stringify(structuredClone({ ...secret })),
    ];
    const bytes = Buffer.from(TEXT);
    for (const text of shown) {
      expect(text).not.toContain(TEXT);
      expect(text).not.toContain(bytes.toString('hex'));
      expect(text).not.toContain([...bytes].join(','));
    }
    expect(shown.slice(0, 2)).toEqual(['[redacted]', '[redacted]']);
    expect(shown[2]).toContain('"secret":"[redacted]"');
  });

  it('lends its bytes and keeps them', () => {
    const secret = SecretBytes.fromText('zwei ✓');
    expect(secret.use(String)).toBe('zwei ✓');
    expect(secret.use(String)).toBe('zwei ✓');
    expect(secret).toHaveLength(8);
  });

  it('zeroes the very buffer that it took', () => {
    const bytes = Buffer.from(TEXT);
    const secret = SecretBytes.take(bytes);
    secret.wipe();
    secret.wipe();
    expect(bytes.equals(Buffer.alloc(TEXT.length))).toBe(true);
    expect(() => secret.use(String)).toThrow('already wiped');
  });

  it.each([
    ['returns', () => 1],
    ['resolves', async () => 1],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('wipes after one use that %s', async (_name, fn: () => unknown) => {
    const bytes = Buffer.from(TEXT);
    await SecretBytes.take(bytes)
      .useOnce(fn)
      .catch(() => undefined);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('wipes only when an asynchronous use is over', async () => {
    const secret = SecretBytes.fromText(TEXT);
    const seen = await secret.useOnce(async (bytes) => {
      await Promise.resolve();
      return bytes.toString();
    });
    expect(seen).toBe(TEXT);
  });
});
