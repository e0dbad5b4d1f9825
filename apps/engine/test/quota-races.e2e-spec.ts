import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#lib/kernel';
import { QuotaWatch, readBooks } from '#lib/testing';
import { Quotas } from './support/quotas.js';
import { send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const STREAMS = 120;
const LANES = 24;
const AGENT = { model: 'claude-sonnet-4-6', prompt: 'race', maxOutputTokens: 60 };

/** Of so many calls at once so many fit. */
const [RACING, FITTING] = [24, 7];
const SCOPES = {
  organization: () => ({}),
  workspace: ({ workspaceId }: RacingTenant) => ({ workspaceId }),
  token: ({ tokenId }: RacingTenant) => ({ tokenId }),
  key: ({ aiProviderId }: RacingTenant) => ({ aiProviderId }),
};
type RacingTenant = Tenant & { aiProviderId: string };

let stage: Stage;
let urls: string[];
beforeAll(async () => {
  stage = await startStage();
  urls = [stage.url, (await stage.second()).url];
}, 120_000);
afterAll(() => stage?.stop());

/** Somebody with one key. */
async function newTenant(): Promise<RacingTenant> {
  const tenant = await stage.tenants.create();
  const aiProviderId = await stage.tenants.key(tenant, {
    provider: 'anthropic',
    secret: 'sk-ant-api03-races-000000000000',
    baseUrl: stage.upstream.baseUrls.anthropic,
  });
  return { ...tenant, aiProviderId };
}

describe('F budgets under races of two engines', () => {
  it(`${STREAMS} streams, one in ten cut off, race three scopes: never over a cap, nothing held after, ledger equals counters`, async () => {
    const quotas = new Quotas(stage.db);
    const tenant = await newTenant();
    const { orgId, workspaceId, tokenId } = tenant;
    // Room for some of them at a time, and in the end for fewer than there are.
    await quotas.add(orgId, { name: 'organization', metric: 'cost_micro_usd', max: 50_000 });
    await quotas.add(orgId, { name: 'workspace', metric: 'total_tokens', max: 9_000, workspaceId });
    await quotas.add(orgId, { name: 'token', metric: 'runs', max: 90, tokenId });
    stage.upstream.respond(() => ({
      text: ['a ', 'b ', 'c '],
      pieceDelayMs: 4,
      usage: { input: between(5, 60), output: between(5, 60) },
    }));
    const watch = new QuotaWatch(stage.db, orgId);
    const ends: string[] = [];
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let at = next++; at < STREAMS; at = next++) ends.push(await stream(tenant, at, at % 10 === 3));
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    await until(async () => (await quotas.held(orgId)) === 0);
    await watch.stop();

    expect(ends).toHaveLength(STREAMS);
    const counts = new Map(
      [...new Set(ends)].map((end) => [end, ends.filter((other) => other === end).length]),
    );
    expect(counts.get('run.finished') ?? 0).toBeGreaterThan(20);
    expect((counts.get('quota_exceeded') ?? 0) + (counts.get('budget_exceeded') ?? 0)).toBeGreaterThan(5);
    expect([...counts.keys()].filter((end) => !KNOWN.has(end))).toEqual([]);

    expect(watch.faults).toEqual([]);
    expect(watch.looks).toBeGreaterThan(20);
    const books = await readBooks(stage.db, orgId);
    expect(books).toHaveLength(3);
    for (const { name, reserved, settled, ledger } of books) {
      expect([name, reserved, settled]).toEqual([name, 0, ledger]);
      expect(settled).toBeGreaterThan(0);
    }
  }, 120_000);

  // Beside loose caps of all other scopes, so that only this one can bind; what each call uses is what it reserves.
  it.each<[keyof typeof SCOPES, 'runs' | 'output_tokens', number]>([
    ['organization', 'runs', FITTING],
    ['workspace', 'output_tokens', FITTING * AGENT.maxOutputTokens],
    ['token', 'runs', FITTING],
    ['key', 'output_tokens', FITTING * AGENT.maxOutputTokens],
  ])(
    `the cap of the %s on %s alone lets ${FITTING} of ${RACING} calls through`,
    async (scope, metric, max) => {
      const quotas = new Quotas(stage.db);
      const tenant = await newTenant();
      const loose = { metric, max: 1_000_000 };
      for (const [name, of] of Object.entries(SCOPES)) {
        const cap = name === scope ? { metric, max } : loose;
        await quotas.add(tenant.orgId, { name, ...cap, ...of(tenant) });
      }
      stage.upstream.respond(() => ({ text: 'ok', usage: { input: 5, output: AGENT.maxOutputTokens } }));
      const racing = Array.from({ length: RACING }, (_, at) => stream(tenant, at, false));
      const ends = await Promise.all(racing);
      await until(async () => (await quotas.held(tenant.orgId)) === 0);
      const count = (end: string): number => ends.filter((one) => one === end).length;
      expect(count('run.finished')).toBe(FITTING);
      expect(count('quota_exceeded')).toBeGreaterThan(0);
      expect(count('quota_exceeded') + count('overloaded')).toBe(RACING - FITTING);
      for (const { reserved, settled, ledger } of await readBooks(stage.db, tenant.orgId))
        expect([reserved, settled, ledger]).toEqual([0, max, max]);
    },
  );
});

/** A machine that is too slow for so many at once may turn one away: nothing of it was reserved. */
const KNOWN = new Set([
  'run.finished',
  'run.failed',
  'cut',
  'quota_exceeded',
  'budget_exceeded',
  'overloaded',
]);

/** One stream over one of the engines; how it ended. */
async function stream(tenant: Tenant, at: number, isCut: boolean): Promise<string> {
  const cut = new AbortController();
  if (isCut) setTimeout(() => cut.abort(), between(10, 80));
  try {
    const response = await send(stage, tenant, 'POST', '/agent-runs', {
      ...{ url: urls[at % urls.length], signal: cut.signal },
      headers: { accept: 'text/event-stream' },
      body: { nodeExecutionId: newId('req'), agent: AGENT },
    });
    const text = await response.text();
    if (response.status !== 200) return String((JSON.parse(text) as { code: string }).code);
    return /event: (run\.finished|run\.failed)/.exec(text)?.[1] ?? 'a silent end';
  } catch (error) {
    if (isCut) return 'cut';
    throw error;
  }
}

function between(least: number, most: number): number {
  return least + Math.floor(Math.random() * (most - least + 1));
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 20_000; waited += 50) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('something is still held');
}
