import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { measureBodies, measureRepeated, measureUnknown, printed, type WrongInput } from '#lib/testing';
import type { Kind } from '../support/matrix/house.js';
import { sampleBody } from '../support/matrix/samples.js';
import { committedDocument, startMatrix, type MatrixStage } from '../support/matrix/stage.js';

/** Samples that say more than the matrices of ids need, so that what lies inside is reached in an otherwise good body. */
const FULLER: Record<string, object> = {
  'providerKeys.create': { limits: { rpm: 1, rpd: 2, tpm: 3 }, models: ['gpt-4.1'], config: {} },
  'providerKeys.update': { limits: { rpm: 1 }, models: ['gpt-4.1'] },
  'tokens.create': { permissions: [{ effect: 'Allow', actions: ['aiProviders:*'], resources: ['*'] }] },
};
/** Deaf to their query on purpose: load balancers decorate the paths of probes. */
const PROBES = ['livez', 'readyz'];

describe('input that the document forbids, on every operation of the control plane', () => {
  let stage: MatrixStage;
  let input: WrongInput;
  beforeAll(async () => {
    stage = await startMatrix();
    const [house] = stage.houses;
    const owner = house.members.find(({ name }) => name.endsWith('OWNER'))!;
    input = {
      url: stage.api.url,
      document: committedDocument(),
      operations: stage.operations.filter(({ id }) => !PROBES.includes(id)),
      caller: ({ operator }) => (operator ? stage.operator : owner),
      own: ({ kind }) => house.ids[kind as Kind],
      body: (operation) => {
        const sample = sampleBody(operation, (kind) => house.ids[kind as Kind]);
        return sample && { ...sample, ...FULLER[operation.id] };
      },
    };
  });
  afterAll(() => stage.api.stop());

  it('a field that nobody knows is 422 with a pointer, in every query and every body, and nothing is written', async () => {
    const { result, writes } = await stage.writesOf(() => measureUnknown(input));
    console.info(printed('unknown fields, control plane', result, writes));
    expect([result.faults, writes]).toEqual([[], []]);
    expect(result.operations.size).toBe(input.operations.length);
  }, 240_000);

  it('a field that is there twice is 400 with a pointer, in every body, and nothing is written', async () => {
    const { result, writes } = await stage.writesOf(() => measureRepeated(input));
    expect([result.faults, writes]).toEqual([[], []]);
    expect(result.cells).toBeGreaterThan(100);
  });

  it('a value of the wrong kind or shape, or out of range, is a 4xx with a pointer, and nothing is written', async () => {
    const { result, writes } = await stage.writesOf(() => measureBodies(input, true));
    console.info(printed('wrong values, control plane', result, writes));
    expect([result.faults, writes]).toEqual([[], []]);
    expect(result.cells).toBeGreaterThan(1_000);
  }, 240_000);

  it('an odd value of a kind that is allowed is never a 500', async () => {
    const { result, writes } = await stage.writesOf(() => measureBodies(input, false));
    console.info(printed('odd values, control plane', result, writes));
    expect(result.faults).toEqual([]);
  }, 240_000);
});
