import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { measureIds, printed } from '#lib/testing';
import { idMatrix } from '../support/matrix/ids.js';
import { sampleBody } from '../support/matrix/samples.js';
import { startMatrix, type MatrixStage } from '../support/matrix/stage.js';

describe('#7 an id that is not the caller’s answers exactly like one that does not exist', () => {
  let stage: MatrixStage;
  beforeAll(async () => {
    stage = await startMatrix();
  });
  afterAll(() => stage.api.stop());

  it.each([
    ['of one organization', 0],
    ['of another organization, the operator and people of none', 1],
  ])(
    'in path, query and body of every operation, for every role and every kind of token %s, and nothing is written',
    async (who, half) => {
      const [first] = stage.houses;
      const callers = stage.callers.filter(({ house }) => (house === first) === (half === 0));
      const { result, writes } = await stage.writesOf(() => measureIds({ ...idMatrix(stage), callers }));
      console.info(printed(`ids, control plane, ${callers.length} callers ${who}`, result, writes));
      expect([result.faults, writes]).toEqual([[], []]);
      const taking = stage.operations.filter(({ places }) => places.length > 0);
      expect([...result.operations].sort()).toEqual(taking.map(({ id }) => id).sort());
      expect(result.statuses.get(404)).toBeGreaterThan(1_000);
    },
    // Thousands of calls: seconds on a machine of its own, more on one that is shared.
    240_000,
  );

  it('finds the ids in the document: those of paths, filters and bodies', () => {
    const found = stage.operations.flatMap(({ id, places }) =>
      places.map((place) => `${id} ${place.in} ${place.name}`),
    );
    for (const place of [
      'account.activeOrg body /orgId',
      'assignments.replace body /assignments/0/aiProviderId',
      'assignments.resolve body /model',
      'providerKeys.create body /secretId',
      'providerKeys.list query workspaceId',
      'providerKeys.update body /secretId',
      'tokens.create body /workspaceId',
      'usage.get query aiProviderId',
      'workspaces.grant path memberId',
    ])
      expect(found).toContain(place);
  });

  it('a new operation without a sample fails by name', () => {
    expect(() => sampleBody({ id: 'strange.create', hasBody: true }, () => '')).toThrow(/strange\.create/);
  });
});
