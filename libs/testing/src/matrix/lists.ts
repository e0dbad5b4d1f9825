import { ask, each, type Caller } from './ask.js';
import { fillPath, type IdPlace, type MatrixOperation } from './document.js';
import { count, nothingMeasured, type Measured } from './measured.js';

export interface ListMatrix<C extends Caller> {
  url: string;
  operations: readonly MatrixOperation[];
  callers: readonly C[];
  own(caller: C, place: IdPlace): string;
  /** Texts that no answer to this caller may hold: ids and names of rows that are not theirs to see. */
  hidden(caller: C, operation: MatrixOperation): readonly string[];
}

/** Every caller × every reading operation, with own ids: no answer holds what is hidden from the caller. */
export async function measureReads<C extends Caller>(matrix: ListMatrix<C>): Promise<Measured> {
  const measured = nothingMeasured();
  const reads = matrix.operations.filter(({ method }) => method === 'GET');
  const cells = reads.flatMap((operation) => matrix.callers.map((caller) => ({ operation, caller })));
  await each(cells, async ({ operation, caller }) => {
    const path = fillPath(operation, (place) => matrix.own(caller, place));
    const answer = await ask(matrix.url, caller, { method: 'GET', path });
    count(measured, operation.id, answer.status);
    // A problem repeats the path that was asked for: that is the caller's own word.
    const answered = answer.text.replaceAll(path, '');
    const shown = matrix.hidden(caller, operation).filter((text) => answered.includes(text));
    if (shown.length > 0)
      measured.faults.push(`${caller.name}: GET ${operation.path} shows ${shown.slice(0, 3).join(', ')}`);
    if (answer.status === 500)
      measured.faults.push(`${caller.name}: GET ${operation.path} answered ${answer.status}`);
  });
  return measured;
}
