import { ask, codeOf, each, type Asked, type Caller } from './ask.js';
import type { MatrixOperation } from './document.js';
import { count, nothingMeasured, type Measured } from './measured.js';

/** A refusal that is due: its status and code; `null` where the caller may. */
export type Due = readonly [status: number, code: string] | null;

export interface RightsMatrix<C extends Caller> {
  url: string;
  operations: readonly MatrixOperation[];
  callers: readonly C[];
  due(caller: C, operation: MatrixOperation): Due;
  /** The call to try: with ids that the caller's organization really has where a refusal is due. */
  call(caller: C, operation: MatrixOperation): Asked;
}

/** Every caller × every operation whose refusal is due: real ids, a body that passes, and yet nothing but that refusal. */
export async function measureRefusals<C extends Caller>(matrix: RightsMatrix<C>): Promise<Measured> {
  return measure(
    matrix,
    (due) => due !== null,
    ([status, code]) =>
      (answer) =>
        answer.status === status && answer.code === code ? null : `not ${status} ${code}`,
  );
}

/** Every caller × every operation that is theirs: anything but a refusal for who they are. Writes, where the operation does. */
export async function measureAllowed<C extends Caller>(matrix: RightsMatrix<C>): Promise<Measured> {
  return measure(
    matrix,
    (due) => due === null,
    () =>
      ({ status, code }) =>
        status === 401 || status >= 500 || code === 'forbidden' ? 'though it is theirs' : null,
  );
}

type Judge = (answer: { status: number; code: string | undefined }) => string | null;

async function measure<C extends Caller>(
  matrix: RightsMatrix<C>,
  wanted: (due: Due) => boolean,
  judgeOf: (due: readonly [number, string]) => Judge,
): Promise<Measured> {
  const measured = nothingMeasured();
  const cells = matrix.operations.flatMap((operation) =>
    matrix.callers.map((caller) => ({ operation, caller })),
  );
  await each(cells, async ({ operation, caller }) => {
    const due = matrix.due(caller, operation);
    if (!wanted(due)) return;
    const answer = await ask(matrix.url, caller, matrix.call(caller, operation));
    count(measured, operation.id, answer.status);
    const fault = judgeOf(due ?? [0, ''])({ status: answer.status, code: codeOf(answer) });
    if (fault)
      measured.faults.push(
        `${caller.name}: ${operation.method} ${operation.path} answered ${answer.status} ${codeOf(answer)}, ${fault}`,
      );
  });
  return measured;
}
