import { describe, expect, it } from '@jest/globals';
import { newId } from '#lib/kernel';
import { idsNamedIn } from './named-ids.js';

describe('the ids that a call names beside its path', () => {
  const [key, secret, workspace] = [newId('aip'), newId('sec'), newId('ws')];

  it('#5 are found in query and body, in lists and below', () => {
    const body = {
      assignments: [{ aiProviderId: key, weight: 1 }],
      secretId: secret,
      workspaceIds: [workspace],
    };
    expect(idsNamedIn(body)).toEqual([key, secret, workspace]);
  });

  it('are not what merely looks like one: text, a caller’s own terms, people', () => {
    expect(
      idsNamedIn({
        name: key,
        prompt: key,
        nodeExecutionId: 'n-1',
        userId: newId('usr'),
        workspaceId: 'ws_nonsense',
      }),
    ).toEqual([]);
    expect([idsNamedIn(undefined), idsNamedIn(null), idsNamedIn('x')]).toEqual([[], [], []]);
  });
});
