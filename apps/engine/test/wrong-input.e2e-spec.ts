import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newUuid } from '#lib/kernel';
import {
  measureBodies,
  measureRepeated,
  measureUnknown,
  printed,
  snapshotRows,
  writesBetween,
  type WrongInput,
} from '#lib/testing';
import {
  committedDocument,
  ownId,
  sampleBody,
  startMatrix,
  type MatrixStage,
} from './support/matrix/stage.js';

const PROBES = ['livez', 'readyz'];
/** An agent with one of everything, so that what lies inside is reached in an otherwise good body. */
const FULL = {
  workflow: { id: 'w', version: '1' },
  userId: 'u',
  agent: {
    model: 'gpt-4.1-mini',
    prompt: 'Hi.',
    tools: [
      {
        type: 'http',
        name: 'look_up',
        description: 'Looks up.',
        inputSchema: { type: 'object', properties: {} },
        method: 'GET',
        url: 'https://tools.example.com/x',
        headers: { accept: 'text/plain' },
        timeoutMs: 1_000,
      },
    ],
    toolChoice: 'auto',
    output: { type: 'text' },
  },
};

describe('input that the document forbids, on every operation of the execution plane', () => {
  let matrix: MatrixStage;
  let input: WrongInput;
  beforeAll(async () => {
    matrix = await startMatrix();
    const caller = matrix.callers.find(({ name }) => name.endsWith('engine token'))!;
    const ticket = matrix.callers.find(({ name }) => name.endsWith('ticket'))!;
    input = {
      url: matrix.url,
      document: committedDocument(),
      operations: matrix.operations.filter(({ id }) => !PROBES.includes(id)),
      caller: ({ id }) => (/^(keyActions|ownKms)\./.test(id) ? ticket : caller),
      own: (place) => ownId(caller, place),
      body: (operation) =>
        operation.id === 'agentRuns.create' ? { ...FULL, nodeExecutionId: newUuid() } : sampleBody(operation),
    };
  });
  afterAll(() => matrix?.stage.stop());

  const writesOf = async <T>(act: () => Promise<T>) => {
    const { superuserUrl } = matrix.stage.database;
    const before = await snapshotRows(superuserUrl);
    const result = await act();
    return { result, writes: writesBetween(before, await snapshotRows(superuserUrl)) };
  };

  it('a field that nobody knows is 422 with a pointer, in every query and every body, and nothing is written', async () => {
    const { result, writes } = await writesOf(() => measureUnknown(input));
    console.info(printed('unknown fields, execution plane', result, writes));
    expect([result.faults, writes]).toEqual([[], []]);
    expect(result.operations.size).toBe(input.operations.length);
  }, 240_000);

  it('a field that is there twice is 400 with a pointer, in every body, and nothing is written', async () => {
    const { result, writes } = await writesOf(() => measureRepeated(input));
    expect([result.faults, writes]).toEqual([[], []]);
    expect(result.cells).toBeGreaterThan(10);
  });

  it('a value of the wrong kind or shape, or out of range, is a 4xx with a pointer, and nothing is written or sent', async () => {
    matrix.stage.upstream.reset();
    const { result, writes } = await writesOf(() => measureBodies(input, true));
    console.info(printed('wrong values, execution plane', result, writes));
    expect([result.faults, writes, matrix.stage.upstream.requests]).toEqual([[], [], []]);
    expect(result.cells).toBeGreaterThan(500);
  }, 240_000);

  it.each<[unknown, string]>([
    [3, '3'],
    [1.5, '1.5'],
    ['v3', 'v3'],
  ])('a workflow may count its versions in numbers or text: %j', async (version, kept) => {
    const { tenant } = matrix.houses[0];
    const nodeExecutionId = newUuid();
    const headers = { authorization: `Bearer ${tenant.token}`, 'content-type': 'application/json' };
    const agent = { model: 'gpt-4.1-mini', prompt: 'Hi.' };
    const answer = await fetch(`${matrix.url}/internal/v1/workspaces/${tenant.workspaceId}/agent-runs`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ nodeExecutionId, workflow: { id: 'w', version }, agent }),
    });
    const { rows } = await matrix.stage.db.query<{ workflow_version: string }>(
      'SELECT workflow_version FROM agent_runs WHERE node_execution_id = $1',
      [nodeExecutionId],
    );
    expect([answer.status, rows]).toEqual([200, [{ workflow_version: kept }]]);
  });

  it('an odd value of a kind that is allowed is never a 500', async () => {
    const { result, writes } = await writesOf(() => measureBodies(input, false));
    console.info(printed('odd values, execution plane', result, writes));
    expect(result.faults).toEqual([]);
  }, 240_000);
});
