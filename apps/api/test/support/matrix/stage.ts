import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '#lib/kernel';
import {
  fillPath,
  readOperations,
  snapshotRows,
  writesBetween,
  type IdPlace,
  type MatrixDocument,
  type MatrixOperation,
} from '#lib/testing';
import { startTestApi, type TestApi } from '../test-api.js';
import { furnish, outsider, type House, type Kind, type Member } from './house.js';
import { sampleBody } from './samples.js';

export const OPERATOR_TOKEN = 'the-operator-token-of-the-matrix';

/** Looks like an id of ours and is the ARN of a key in somebody's cloud account, or a vendor's name for a model. */
export const FOREIGN_TERMS = ['/keyId', '/models/0/id', '/providers/0/models/0/id'];

/** The committed document of the control plane. */
export function committedDocument(): MatrixDocument {
  const file = join(import.meta.dirname, '../../../openapi.json');
  return JSON.parse(readFileSync(file, 'utf8')) as MatrixDocument;
}

export function committedOperations(): MatrixOperation[] {
  return readOperations(committedDocument(), FOREIGN_TERMS);
}

/** One booted control plane with two furnished organizations and everybody who could call. */
export interface MatrixStage {
  api: TestApi;
  houses: [House, House];
  operator: Member;
  callers: Member[];
  operations: MatrixOperation[];
  /** What `act` answers, and the tables that it wrote to, last-seen marks apart. */
  writesOf<T>(act: () => Promise<T>): Promise<{ result: T; writes: string[] }>;
}

export async function startMatrix(started?: TestApi): Promise<MatrixStage> {
  const api = started ?? (await startTestApi({ env: { CLAVIGER_OPERATOR_TOKEN: OPERATOR_TOKEN } }));
  const houses: [House, House] = [await furnish(api, 'ours'), await furnish(api, 'theirs')];
  const operator = outsider('the operator', { authorization: `Bearer ${OPERATOR_TOKEN}` });
  const nobodies = [outsider('nobody'), outsider('a guess', { authorization: `Bearer ${'x'.repeat(80)}` })];
  return {
    api,
    houses,
    operator,
    callers: [...houses.flatMap(({ members }) => members), operator, ...nobodies],
    // Ending one's session would end the matrix for its caller; `account.endSession` covers the rest of it.
    operations: committedOperations().filter(({ id }) => id !== 'auth.logOut'),
    writesOf: async (act) => {
      const before = await snapshotRows(api.database.superuserUrl);
      const result = await act();
      return { result, writes: writesBetween(before, await snapshotRows(api.database.superuserUrl)) };
    },
  };
}

/** An id that the caller's organization has. */
export function ownId({ house }: Member, { kind }: Pick<IdPlace, 'kind'>): string {
  return house?.ids[kind as Kind] ?? newId(kind);
}

/** The call of an operation with ids of this organization in every place. */
export function realCall(operation: MatrixOperation, house: House) {
  const idOf = (kind: string) => house.ids[kind as Kind];
  return {
    method: operation.method,
    path: fillPath(operation, ({ kind }) => idOf(kind)),
    body: sampleBody(operation, idOf),
  };
}

/** The same with ids that were never given out: what it is allowed to do, it does to nothing. */
export function idleCall(operation: MatrixOperation) {
  return {
    method: operation.method,
    path: fillPath(operation, ({ kind }) => newId(kind)),
    body: sampleBody(operation, (kind) => newId(kind as Kind)),
  };
}
