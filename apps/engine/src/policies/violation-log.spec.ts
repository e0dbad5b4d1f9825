import { describe, expect, it } from '@jest/globals';
import { ClavigerError } from '#lib/contracts';
import { createLogger } from '#lib/telemetry';
import { ViolationLog } from './violation-log.js';
import type { Violation } from './violation.js';

const violation = (orgId: string, requestId: string): Violation => ({
  orgId,
  requestId,
  workspaceId: 'ws_x',
  principalId: 'tok_x',
  runId: null,
  action: 'blocked',
  at: new Date(0),
  broken: {
    policy: { id: 'pol_x', name: 'p', version: 1 },
    scope: { type: 'organization' },
    severity: 'HIGH',
    rule: { index: 0, type: 'models' },
    ...{ provider: null, model: null, fault: 'did' },
  },
});

/** A store that writes when it is told to. */
function held() {
  const calls: { orgId: string; ids: string[]; finish: (error?: Error) => void }[] = [];
  const block = (orgId: string, violations: readonly Violation[]) =>
    new Promise<void>((resolve, reject) => {
      const finish = (error?: Error) => (error ? reject(error) : resolve());
      calls.push({ orgId, ids: violations.map(({ requestId }) => requestId), finish });
    });
  const store = { block, note: () => Promise.resolve() };
  return { calls, log: new ViolationLog(store, createLogger({ process: 'engine', level: 'silent' })) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('#46 a refusal and its receipt', () => {
  it('is answered once the receipt is written, and not before', async () => {
    const { calls, log } = held();
    let answered = false;
    const refused = log.block(violation('a', '1')).then(() => (answered = true));
    await turn();
    expect([calls.length, answered]).toEqual([1, false]);
    calls[0]!.finish();
    await refused;
    expect(answered).toBe(true);
  });

  it('takes one connection however many there are, by organization', async () => {
    const { calls, log } = held();
    const all = [
      ['a', '1'],
      ['a', '2'],
      ['b', '3'],
      ['a', '4'],
    ].map(([org, id]) => log.block(violation(org!, id!)));
    for (let at = 0; at < 3; at += 1) {
      await turn();
      expect(calls).toHaveLength(at + 1);
      calls[at]!.finish();
    }
    await Promise.all(all);
    expect(calls.map(({ orgId, ids }) => [orgId, ids])).toEqual([
      ['a', ['1']],
      ['a', ['2', '4']],
      ['b', ['3']],
    ]);
  });

  it('a receipt that fails fails its own refusals, and the next one is written', async () => {
    const { calls, log } = held();
    const lost = log.block(violation('a', '1'));
    const next = log.block(violation('b', '2'));
    await turn();
    calls[0]!.finish(new ClavigerError('overloaded', 'away'));
    await expect(lost).rejects.toMatchObject({ code: 'overloaded' });
    await turn();
    calls[1]!.finish();
    await next;
  });
});
