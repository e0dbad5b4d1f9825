import { fromUuid, newId, toUuid } from '#lib/kernel';
import type { IdMatrix, IdPlace, MatrixOperation } from '#lib/testing';
import { KINDS, type Kind, type Member } from './house.js';
import { sampleBody } from './samples.js';
import { ownId, type MatrixStage } from './stage.js';

/** Free text, compared with what was recorded: an id is as good as any other word. */
const AUDIT_FILTERS = new Set(['actor', 'target']);
/** A filter of words, or a spelling such as `@aip_…/model`: whatever is sent there, a foreign id must tell no more than an unknown one. */
const isText = ({ spelling, name }: IdPlace) => spelling !== '*' || AUDIT_FILTERS.has(name);

/** The matrix of ids over the control plane: the very same for its own operations and for those that a test slips in. */
export function idMatrix(
  stage: Pick<MatrixStage, 'api' | 'houses' | 'operator' | 'operations' | 'callers'>,
): IdMatrix<Member> {
  const mayNot = (caller: Member, { operator, permission }: MatrixOperation): boolean =>
    operator || caller.stranger || !caller.rights.has(permission ?? '');

  /** What is odd about each id, as this caller sees it. */
  function strange(caller: Member, operation: MatrixOperation, place: IdPlace): Record<string, string> {
    const kind = place.kind as Kind;
    const malformed = { 'a malformed': 'nonsense' };
    if (caller === stage.operator) return { ...malformed, 'a workspace’s': stage.houses[0].ids.ws };
    const theirs = stage.houses.find((house) => house !== caller.house) ?? stage.houses[0];
    const foreign = { 'a foreign': theirs.ids[kind] };
    if (isText(place)) return foreign;
    // Refused before any id is looked at: one odd id tells as much as eight.
    if (mayNot(caller, operation)) return foreign;
    const other = KINDS.find((candidate) => candidate !== kind && candidate !== 'org') ?? 'ws';
    const walled = kind === 'ws' ? caller.walled : [];
    return {
      ...foreign,
      ...(theirs.dead[kind] && { 'a foreign deleted': theirs.dead[kind] }),
      ...(caller.house?.dead[kind] && { 'a deleted': caller.house.dead[kind] }),
      ...Object.fromEntries(walled.map((id, index) => [`a walled (${index})`, id])),
      'another kind’s': caller.house?.ids[other] ?? newId(other),
      'another kind’s, under the right prefix,': fromUuid(kind, toUuid(theirs.ids[other])),
      ...malformed,
      'an empty': `${kind}_`,
      'a tricky': `${newId(kind)}' OR '1'='1`,
    };
  }

  /** What API.md owes: who may not, 401 or 403 before any id is looked at; who may, the one 404. */
  function due(caller: Member, operation: MatrixOperation, place: IdPlace): number | null {
    if (operation.operator && caller !== stage.operator) return 401;
    if (operation.operator) return isText(place) ? null : 404;
    if (caller.stranger) return 401;
    if (!caller.rights.has(operation.permission ?? '')) return 403;
    return isText(place) ? null : 404;
  }

  return {
    url: stage.api.url,
    operations: stage.operations,
    callers: stage.callers,
    unknown: ({ kind }) => newId(kind),
    own: ownId,
    strange,
    due,
    body: (operation, caller) => sampleBody(operation, (kind) => ownId(caller, { kind: kind as Kind })),
  };
}
