import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromUuid, newId, toUuid } from '#lib/kernel';
import { measureIds, printed, type IdMatrix, type IdPlace, type MatrixOperation } from '#lib/testing';
import { KINDS, type Kind, type Member } from '../support/matrix/house.js';
import { sampleBody } from '../support/matrix/samples.js';
import { ownId, startMatrix, type MatrixStage } from '../support/matrix/stage.js';

describe('#7 an id that is not the caller’s answers exactly like one that does not exist', () => {
  let stage: MatrixStage;
  beforeAll(async () => {
    stage = await startMatrix();
  });
  afterAll(() => stage.api.stop());

  /** What is odd about each id, as this caller sees it. */
  function strange(caller: Member, operation: MatrixOperation, place: IdPlace): Record<string, string> {
    const kind = place.kind as Kind;
    if (caller === stage.operator) return { 'a malformed': 'nonsense', 'a workspace’s': stage.houses[0].ids.ws };
    const theirs = stage.houses.find((house) => house !== caller.house)!;
    const foreign = { 'a foreign': theirs.ids[kind] };
    // A log keeps what is gone, and takes any text; a spelling such as `@aip_…/model` is no id any more when the id is none.
    if (place.spelling !== '*' || AUDIT_FILTERS.has(place.name)) return foreign;
    // Refused before any id is looked at: two odd ids tell as much as eight.
    if (mayNot(caller, operation)) return { ...foreign, 'a malformed': 'nonsense' };
    const other = KINDS.find((candidate) => candidate !== kind && candidate !== 'org') ?? 'ws';
    const walled = kind === 'ws' ? caller.walled : [];
    return {
      ...foreign,
      ...(theirs.dead[kind] && { 'a foreign deleted': theirs.dead[kind] }),
      ...(caller.house?.dead[kind] && { 'a deleted': caller.house.dead[kind] }),
      ...Object.fromEntries(walled.map((id, index) => [`an unjoined (${index})`, id])),
      'another kind’s': caller.house?.ids[other] ?? newId(other),
      'another kind’s, under the right prefix,': fromUuid(kind, toUuid(theirs.ids[other])),
      'a malformed': 'nonsense',
      'an empty': `${kind}_`,
      'a tricky': `${newId(kind)}' OR '1'='1`,
    };
  }

  const mayNot = (caller: Member, { operator, permission }: MatrixOperation): boolean =>
    operator || caller.stranger || !caller.rights.has(permission ?? '');

  /** What API.md owes: who may not, 401 or 403 before any id is looked at; who may, the one 404. */
  function due(caller: Member, operation: MatrixOperation, place: IdPlace): number | null {
    if (operation.operator) return caller === stage.operator ? 404 : 401;
    if (caller.stranger) return 401;
    if (!caller.rights.has(operation.permission ?? '')) return 403;
    return place.spelling !== '*' || AUDIT_FILTERS.has(place.name) ? null : 404;
  }

  it('in path, query and body of every operation, for every role and every kind of token, and nothing is written', async () => {
    const matrix: IdMatrix<Member> = {
      url: stage.api.url,
      operations: stage.operations,
      callers: stage.callers,
      unknown: ({ kind }) => newId(kind),
      own: ownId,
      strange,
      due,
      body: (operation, caller) => sampleBody(operation, (kind) => ownId(caller, { kind: kind as Kind })),
    };
    let line = '';
    const faults: string[] = [];
    const writes = await stage.writesOf(async () => {
      const measured = await measureIds(matrix);
      faults.push(...measured.faults);
      line = printed('strange ids, control plane', measured, []);
    });
    console.info(line, writes);
    expect(faults).toEqual([]);
    expect(writes).toEqual([]);
  });
});

/** Free text, compared with what was recorded: an id is as good as any other word. */
const AUDIT_FILTERS = new Set(['actor', 'target']);
