import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '../pii/random.js';
import { referenceAnswer } from './answer.js';
import { keyId } from './as-state.js';
import { referencePassedOver } from './passed-over.js';
import { Product, toldByProduct, toldByReference } from './product.js';
import { randomRequest, randomWorld } from './random-world.js';
import type { RefAnswer, RefRequest, RefWorld } from './world.js';

const WORLDS = 10_000;
const SEED = Number(process.env.CLAVIGER_RESOLUTION_SEED ?? Math.floor(Math.random() * 4_294_967_296));

/** Everything that resolution can answer with; each must have been seen often enough to be believed. */
const REFUSALS = [
  'kill_switch: ai_disabled',
  'token: unauthenticated',
  'token: not_found',
  'token: forbidden',
  'provider: validation_failed',
  'provider: provider_disabled',
  'provider: model_not_available',
  'org_gate: provider_disabled',
  'key: no_provider_key',
  'plan: plan_limit_reached',
  'plan: plan_read_only',
  'policy: policy_violation',
  'policy: model_not_available',
  'curated: model_not_available',
  'capability: model_lacks_tools',
];

/** What must have been said of keys often enough. */
const PASSED_OVER = [
  'provider: null',
  'provider: provider_disabled',
  'org_gate: provider_disabled',
  'key: no_provider_key',
  'plan: plan_read_only',
  'plan: plan_limit_reached',
  'policy: policy_violation',
  'policy: model_not_available',
  'curated: model_not_available',
  'capability: model_lacks_tools',
];

interface Case {
  world: RefWorld;
  request: RefRequest;
  answer: RefAnswer;
}

function* cases(count: number): Generator<Case> {
  const random = new SeededRandom(SEED);
  for (let made = 0; made < count; made += 1) {
    const world = randomWorld(random);
    const request = randomRequest(random, world);
    yield { world, request, answer: referenceAnswer(world, request) };
  }
}

function kindOf(answer: RefAnswer): string {
  return answer.ok ? `served by step ${answer.step}` : `${answer.gate}: ${answer.code}`;
}

describe(`A: resolution equals an independent model (seed ${SEED}; CLAVIGER_RESOLUTION_SEED repeats it)`, () => {
  it(`on ${WORLDS} random states: key, model, step and order, or gate and code`, () => {
    const counts = new Map<string, number>();
    const differences: object[] = [];
    for (const { world, request, answer } of cases(WORLDS)) {
      counts.set(kindOf(answer), (counts.get(kindOf(answer)) ?? 0) + 1);
      const [model, product] = [toldByReference(answer), toldByProduct(new Product(world).evaluate(request))];
      if (model !== product) differences.push({ model, product, request, world });
    }
    const told = [...counts].sort(([one], [other]) => one.localeCompare(other));
    process.stdout.write(`resolution, seed ${SEED}: ${told.map((entry) => entry.join(' ')).join(', ')}\n`);
    expect([differences.length, JSON.stringify(differences[0], null, 1)]).toEqual([0, undefined]);
    expect(REFUSALS.filter((kind) => (counts.get(kind) ?? 0) < 50)).toEqual([]);
    expect(
      [...counts.keys()].filter((kind) => !kind.startsWith('served') && !REFUSALS.includes(kind)),
    ).toEqual([]);
    const served = told.flatMap(([kind, count]) => (kind.startsWith('served') ? [count] : []));
    expect(served).toHaveLength(6);
    expect(served.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(2500);
  });

  it('each assigned key is a candidate, or passed over at the gate, with the code and in the words that the model expects', () => {
    const wrong: object[] = [];
    const counts = new Map<string, number>();
    for (const { world, request, answer } of cases(3000)) {
      const product = new Product(world);
      const verdict = product.evaluate(request);
      const over = product.passedOver(request, verdict);
      const isOfNone = !answer.ok && (answer.gate === 'kill_switch' || answer.gate === 'token');
      const expected = isOfNone ? [] : referencePassedOver(world, request, answer);
      for (const { gate, code } of expected)
        counts.set(`${gate}: ${code}`, (counts.get(`${gate}: ${code}`) ?? 0) + 1);
      const told = over.map(({ aiProviderId, gate, code }) => `${aiProviderId} ${gate} ${code}`);
      const asExpected = expected.map(({ key, gate, code }) => `${keyId(key)} ${gate} ${code}`);
      const lacking = expected.flatMap(({ says }, at) =>
        says.filter(
          (word) => !over[at]?.detail.includes(word.replace(/^key:(\d+)$/, (_, n) => keyId(Number(n)))),
        ),
      );
      if (String(told) !== String(asExpected) || lacking.length > 0)
        wrong.push({ told, asExpected, lacking, over, request, answer, world });
    }
    expect([wrong.length, JSON.stringify(wrong[0], null, 1)]).toEqual([0, undefined]);
    const often = [...counts].filter(([, count]) => count >= 20).map(([kind]) => kind);
    expect(often).toEqual(expect.arrayContaining(PASSED_OVER));
  });

  it('#27 the list of models holds exactly what a call that names it would get, with the same keys and codes', () => {
    const wrong: string[] = [];
    let [listed, refused] = [0, 0];
    for (const { world } of cases(1500)) {
      const product = new Product({ ...world, caller: runner(world) });
      const { data, unavailable } = product.models();
      for (const { provider, id, aiProviderIds } of data) {
        const verdict = product.named(provider, id);
        const got = verdict.ok ? verdict.candidates.map((one) => one.assignment.aiProviderId) : verdict.code;
        if (String(got) !== String(aiProviderIds))
          wrong.push(`${provider}/${id}: ${String(got)} ${String(aiProviderIds)}`);
      }
      for (const { provider, id, code, detail } of unavailable) {
        const verdict = product.named(provider, id);
        if (verdict.ok || verdict.code !== code || verdict.detail !== detail)
          wrong.push(
            `${provider}/${id}: ${code} ${detail} <> ${verdict.ok ? 'served' : `${verdict.code} ${verdict.detail}`}`,
          );
      }
      listed += data.length;
      refused += unavailable.length;
      // What an assigned key could run by any of the six steps is in one list or the other.
      const shown = new Set([...data, ...unavailable].map(({ provider, id }) => `${provider}/${id}`));
      for (const surface of [undefined, 'chat', 'cmd_k', 'our_surface']) {
        const answer = referenceAnswer(
          { ...world, caller: runner(world) },
          { tools: [], ...(surface && { surface }) },
        );
        if (answer.ok && !shown.has(`${answer.vendor}/${answer.model}`))
          wrong.push(
            `${answer.vendor}/${answer.model} runs on ${surface ?? 'no surface'} and is not in the list`,
          );
      }
    }
    expect([wrong.length, wrong[0]]).toEqual([0, undefined]);
    expect(Math.min(listed, refused)).toBeGreaterThan(1000);
  });
});

/** A list says what the workspace may use; whether its reader may run agents is asked when they do. */
function runner({ caller }: RefWorld): RefWorld['caller'] {
  return {
    ...{ known: true, revoked: false, expired: false, wall: 'none', membership: 'active', role: 'OWNER' },
    ...{ mayExecute: true, beyondPlan: caller.beyondPlan },
  };
}
