import { ask, codeOf, each, told, type Caller } from './ask.js';
import { fillPath, type IdPlace, type MatrixOperation } from './document.js';
import { count, nothingMeasured, type Measured } from './measured.js';

/** What a caller is, in a matrix of ids. */
export interface IdMatrix<C extends Caller> {
  url: string;
  operations: readonly MatrixOperation[];
  callers: readonly C[];
  /** An id of this kind that was never given out. */
  unknown(place: IdPlace): string;
  /** An id that the caller may use there, for the places of a call that are not under trial. */
  own(caller: C, place: IdPlace): string;
  /** Ids that must answer this caller like the unknown one, by what is odd about them. */
  strange(caller: C, operation: MatrixOperation, place: IdPlace): Record<string, string>;
  /** The status that the caller is due for such an id there, `null` for "any, as long as all are the same". */
  due(caller: C, operation: MatrixOperation, place: IdPlace): number | null;
  /** A body that passes validation, with the caller's own ids. Throws by name for an operation without one. */
  body(operation: MatrixOperation, caller: C): object | undefined;
}

/**
 * Puts every strange id into every place of every operation that takes one, for every caller, and compares with the answer for an
 * id that never existed. A fault is any answer that differs, and any that is not the status due.
 */
export async function measureIds<C extends Caller>(matrix: IdMatrix<C>): Promise<Measured> {
  const measured = nothingMeasured();
  const cells = matrix.operations.flatMap((operation) =>
    operation.places.flatMap((place) => matrix.callers.map((caller) => ({ operation, place, caller }))),
  );
  await each(cells, async ({ operation, place, caller }) => {
    const where = `${caller.name}: ${operation.method} ${operation.path}, ${place.in} ${place.name}`;
    const put = async (id: string) => {
      const answer = await ask(matrix.url, caller, callWith(matrix, operation, caller, place, id));
      count(measured, operation.id, answer.status);
      return answer;
    };
    const nobodys = matrix.unknown(place);
    const baseline = await put(nobodys);
    const due = matrix.due(caller, operation, place);
    if (due !== null && baseline.status !== due)
      measured.faults.push(
        `${where}: an unknown id answered ${baseline.status} ${codeOf(baseline)}, not ${due}`,
      );
    for (const [oddity, id] of Object.entries(matrix.strange(caller, operation, place))) {
      const answer = await put(id);
      if (told(answer, id) !== told(baseline, nobodys))
        measured.faults.push(
          `${where}: ${oddity} id answered ${told(answer, id)}, an unknown one ${told(baseline, nobodys)}`,
        );
    }
  });
  return measured;
}

function callWith<C extends Caller>(
  matrix: IdMatrix<C>,
  operation: MatrixOperation,
  caller: C,
  place: IdPlace,
  id: string,
) {
  const written = place.spelling.replace('*', id);
  const path = fillPath(operation, (at) => (at === place ? written : matrix.own(caller, at)));
  const query = place.in === 'query' ? `?${place.name}=${encodeURIComponent(written)}` : '';
  const example = matrix.body(operation, caller);
  const body = place.in === 'body' ? withField(example ?? {}, place.name, written) : example;
  return { method: operation.method, path: path + query, body };
}

/** A copy of `body` with `value` at the pointer; objects and arrays on the way are made. */
export function withField(body: object, pointer: string, value: unknown): object {
  const copy = structuredClone(body) as Record<string, unknown>;
  const steps = pointer.slice(1).split('/');
  let at: Record<string, unknown> = copy;
  steps.forEach((step, index) => {
    const next = steps[index + 1];
    if (next === undefined) {
      at[step] = value;
    } else {
      if (typeof at[step] !== 'object' || at[step] === null) at[step] = next === '0' ? [] : {};
      at = at[step] as Record<string, unknown>;
    }
  });
  return copy;
}
