import { describe, expect, it } from '@jest/globals';
import { storable } from './storable.js';

describe('what is stored of a run', () => {
  it('holds nothing that jsonb refuses, in values and in names', () => {
    const odd = { 'a\u0000': ['x\u0000y', '\ud800', '\udc00z', '😀'], deep: { n: null, t: true, i: 1 } };
    expect(storable(odd)).toEqual({
      'a\ufffd': ['x\ufffdy', '\ufffd', '\ufffdz', '😀'],
      deep: { n: null, t: true, i: 1 },
    });
  });
});
