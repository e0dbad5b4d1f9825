import { describe, expect, it } from '@jest/globals';
import { shortList, whichModels } from './which-models.js';

describe('#27 what a caller is told of a model that is not served', () => {
  it('which models there are; and only of what could be an id, that an OWNER can name it', () => {
    const words = whichModels('claude-next', 'the key "main"');
    expect(words).toMatch(/^Check the spelling: GET the workspace’s models/);
    expect(words).toContain('an OWNER can name it in the curated models of the key "main"');
    expect(whichModels('no id at all', 'the key "main"')).not.toContain('OWNER');
  });

  it('the curated ones by name, the first of them where there are many', () => {
    const ids = Array.from({ length: 11 }, (_, index) => `m${index}`);
    expect([shortList([]), shortList(ids.slice(0, 2)), shortList(ids)]).toEqual([
      'none',
      'm0, m1',
      'm0, m1, m2, m3, m4, m5, m6, m7 and 3 more',
    ]);
  });
});
