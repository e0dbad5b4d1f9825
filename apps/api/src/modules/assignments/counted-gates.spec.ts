import { describe, expect, it } from '@jest/globals';
import type { KnownQuotaRoom } from '#lib/contracts';
import { quotasFor, type RateDelay } from '#lib/limits';
import {
  Product,
  randomRequest,
  randomWorld,
  referenceCounted,
  SeededRandom,
  toldByProduct,
  toldByReference,
  type RefRequest,
  type RefWorld,
} from '#lib/testing';
import { countedGates, leastUse, outputTokensOf, type Counts } from './counted-gates.js';

const WORLDS = 6_000;
const SEED = Number(process.env.CLAVIGER_RESOLUTION_SEED ?? Math.floor(Math.random() * 4_294_967_296));

/** What `resolve` says in a world, by the functions that it asks. */
function told(world: RefWorld, request: RefRequest): string {
  const product = new Product(world);
  const verdict = product.evaluate(request);
  if (!verdict.ok) return toldByProduct(verdict);
  const { state, now } = product;
  const { aiProviderId } = verdict.choice.assignment;
  const call = { needsTools: request.tools.length > 0, maxOutputTokens: request.maxOutputTokens };
  const end = outputTokensOf(state, aiProviderId, call) ?? 1_024;
  const quotas = quotasFor(state.quotas, aiProviderId).map((quota): KnownQuotaRoom => {
    const { id: quotaId, scope, ...rest } = quota;
    const used = world.quotas[state.quotas.indexOf(quota)]!.used;
    const scopeId = scope.type === 'key' ? scope.id : '';
    const room = {
      used,
      reserved: 0,
      left: 0,
      hasRoom: false,
      resetsAt: new Date(now.getTime() + 60_000).toISOString(),
    };
    return { quotaId, ...rest, scope: scope.type, scopeId, ...room };
  });
  const counts: Counts = { delay: null, executions: world.executions, quotas };
  const { refused } = countedGates(counts, leastUse(verdict.choice, call, end), now);
  return refused ? `${refused.gate}: ${refused.code}` : toldByProduct(verdict);
}

describe(`A: what is counted equals an independent model (seed ${SEED}; CLAVIGER_RESOLUTION_SEED repeats it)`, () => {
  it(`on ${WORLDS} random states: key and model, or gate and code`, () => {
    const random = new SeededRandom(SEED);
    const differences: object[] = [];
    const refusals = new Map<string, number>();
    for (let made = 0; made < WORLDS; made += 1) {
      const world = randomWorld(random);
      const request = randomRequest(random, world);
      const answer = referenceCounted(world, request);
      const [model, product] = [toldByReference(answer), told(world, request)];
      if (model !== product) differences.push({ model, product, request, world });
      if (!answer.ok) refusals.set(model, (refusals.get(model) ?? 0) + 1);
    }
    expect([differences.length, JSON.stringify(differences[0], null, 1)]).toEqual([0, undefined]);
    const counted = ['executions: plan_limit_reached', 'budget: quota_exceeded', 'budget: budget_exceeded'];
    expect(counted.filter((kind) => (refusals.get(kind) ?? 0) < 20)).toEqual([]);
  });
});

describe('#40 the gate of rates', () => {
  const delay = (waitMs: number): RateDelay => ({
    ...{ kind: 'key', id: 'aip_x', name: 'the key "K"', metric: 'rpm', limit: 60, waitMs },
  });
  const said = (of: Counts['delay'], used = 1) => {
    const counts = { delay: of, executions: { used, max: 1 }, quotas: [] };
    const use = { inputTokens: 1, outputTokens: 1, costMicroUsd: 1 };
    const { trace, refused } = countedGates(counts, use, new Date(0));
    return [refused?.code ?? null, ...trace.map(({ gate, ok, detail }) => `${gate} ${ok} ${detail}`)];
  };

  it('comes first, refuses what would wait too long, and says of a wait that a call sits out how long it is', () => {
    expect(said(delay(10_001))).toEqual([
      'rate_limited',
      expect.stringMatching(/^rate false Rate-limited.*11 s/),
    ]);
    expect(said(delay(10_000), 0)).toEqual([
      ...[null, expect.stringMatching(/^rate true .*waits about 10 s/)],
      ...[
        expect.stringMatching(/^executions true 0 of the 1/),
        expect.stringMatching(/^budget true No quota/),
      ],
    ]);
    expect(said(null)).toEqual([
      ...['plan_limit_reached', 'rate true No rate limit is used up.'],
      expect.stringMatching(/^executions false .*allows 1 agent executions/),
    ]);
  });

  it('counts that cannot be read are not called room', () => {
    expect(said(undefined, 0)[1]).toMatch(/^rate true Not judged/);
  });
});
