import { describe, expect, it } from '@jest/globals';
import { ClavigerError } from '#lib/contracts';
import { createLogger } from '#lib/telemetry';
import { Meter } from './meter.js';
import type { RunReceipt, UsageEntry } from './usage-entry.js';

const log = createLogger({ process: 'spec', level: 'silent' });

function usage(orgId: string, runId: string): UsageEntry {
  return {
    orgId,
    runId,
    workspaceId: 'ws_1',
    aiProviderId: 'aip_1',
    keyVersion: 1,
    provider: 'openai',
    model: 'm',
    principalId: 'tok_1',
    userId: null,
    workflowId: null,
    purpose: 'call',
    outcome: 'ok',
    tokens: { inputTokens: 1, outputTokens: 1, cachedInputTokens: 0, reasoningTokens: 0 },
    costMicroUsd: 1,
    at: new Date(0),
  };
}

function receipt(orgId: string, runId: string): RunReceipt {
  return {
    orgId,
    runId,
    principalId: 'tok_1',
    workspaceId: 'ws_1',
    status: 'succeeded',
    code: null,
    aiProviderId: 'aip_1',
    keyVersion: 1,
    requestId: 'req_1',
    at: new Date(0),
  };
}

/** A store that remembers what it took, can be away, and refuses one run for ever. */
class FakeStore {
  readonly usage: string[] = [];
  readonly receipts: string[] = [];
  readonly transactions: string[] = [];
  away = false;
  poison = '';

  async write(orgId: string, entries: UsageEntry[], receipts: RunReceipt[]): Promise<void> {
    if (this.away) throw new ClavigerError('overloaded', 'away');
    if ([...entries, ...receipts].some((item) => item.runId === this.poison))
      throw new ClavigerError('internal', 'refused');
    this.transactions.push(orgId);
    this.usage.push(...entries.map((entry) => entry.runId));
    this.receipts.push(...receipts.map((item) => item.runId));
  }

  async touch(): Promise<void> {}
}

function stage() {
  const store = new FakeStore();
  const meter = new Meter(store, log);
  const add = (orgId: string, ...runs: string[]): void => {
    for (const run of runs) {
      meter.record(usage(orgId, run));
      meter.receipt(receipt(orgId, run));
    }
  };
  return { store, meter, add };
}

describe('F. the meter', () => {
  it('writes one transaction per organization, however many calls', async () => {
    const { store, meter, add } = stage();
    add('org_1', ...Array.from({ length: 100 }, (_, index) => `run_${index}`));
    add('org_2', 'run_x');
    await meter.flush();
    expect(store.transactions).toEqual(['org_1', 'org_2']);
    expect(store.usage).toHaveLength(101);
    await meter.flush();
    expect(store.transactions).toHaveLength(2);
  });

  it('loses and doubles nothing while the database is away', async () => {
    const { store, meter, add } = stage();
    store.away = true;
    add('org_1', 'run_1');
    await meter.flush();
    add('org_1', 'run_2');
    await meter.flush();
    store.away = false;
    await Promise.all([meter.flush(), meter.flush()]);
    expect(store.usage).toEqual(['run_1', 'run_2']);
    expect(store.receipts).toEqual(['run_1', 'run_2']);
  });

  it('gives up the one receipt that the database refuses, and writes the others', async () => {
    const { store, meter, add } = stage();
    store.poison = 'run_3';
    add('org_1', 'run_1', 'run_2', 'run_3', 'run_4', 'run_5');
    await meter.flush();
    expect([...store.usage].sort()).toEqual(['run_1', 'run_2', 'run_4', 'run_5']);
    expect([...store.receipts].sort()).toEqual(['run_1', 'run_2', 'run_4', 'run_5']);
  });

  it('writes what waits when the process stops', async () => {
    const { store, meter, add } = stage();
    add('org_1', 'run_1');
    await meter.beforeApplicationShutdown();
    expect(store.usage).toEqual(['run_1']);
  });
});
