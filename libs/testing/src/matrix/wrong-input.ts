import { ask, each, type Answered, type Caller } from './ask.js';
import { bodyFields, type BodyField, type FieldSchema } from './body-fields.js';
import { fillPath, type IdPlace, type MatrixDocument, type MatrixOperation } from './document.js';
import { count, nothingMeasured, type Measured } from './measured.js';
import { withField } from './strange-ids.js';
import { trialsOf, type Trial } from './wrong-values.js';

export interface WrongInput {
  url: string;
  document: MatrixDocument;
  operations: readonly MatrixOperation[];
  /** Somebody who may do it, with ids of their own. */
  caller(operation: MatrixOperation): Caller;
  own(place: IdPlace): string;
  /** A body that passes validation. */
  body(operation: MatrixOperation): object | undefined;
}

interface RawOperation {
  parameters?: { in: string; name: string }[];
  requestBody?: { content?: Record<string, { schema?: FieldSchema }> };
}

/** Every field of every body × every value that the document forbids there (or, not `wrong`, every odd one that it allows). */
export async function measureBodies(input: WrongInput, wrong: boolean): Promise<Measured> {
  const measured = nothingMeasured();
  const schemas = (input.document.components?.schemas ?? {}) as Record<string, FieldSchema>;
  const cells = input.operations.flatMap((operation) => {
    const schema = raw(input.document, operation).requestBody?.content?.['application/json']?.schema;
    const fields = schema ? bodyFields(schema, schemas) : [];
    return fields.flatMap((field) =>
      trialsOf(field)
        .filter((trial) => trial.wrong === wrong)
        .map((trial) => ({ operation, field, trial })),
    );
  });
  await each(cells, async ({ operation, field, trial }) => {
    const body = withField(input.body(operation) ?? {}, field.pointer, trial.value);
    const answer = await call(input, operation, '', body);
    count(measured, operation.id, answer.status);
    const fault = wrong ? refusalFault(answer, field) : crashFault(answer);
    if (fault) measured.faults.push(`${operation.id} ${field.pointer} = ${shown(trial)}: ${fault}`);
  });
  return measured;
}

/** A field that nobody knows, in every body and every query, and one under a name that every object has. */
export async function measureUnknown(input: WrongInput): Promise<Measured> {
  const measured = nothingMeasured();
  const names = ['zz', 'constructor', 'toString', '__proto__'];
  const cells = input.operations.flatMap((operation) => names.map((name) => ({ operation, name })));
  await each(cells, async ({ operation, name }) => {
    const example = input.body(operation);
    const inQuery = await call(input, operation, `?${name}=1`, example);
    const where = `${operation.id} with ${name}`;
    check(measured, `${where} in its query`, operation, inQuery, name);
    if (operation.method === 'GET') return;
    const text = JSON.stringify({ ...example, same: 1 }).replace('"same":1', `"${name}":1`);
    check(measured, `${where} in its body`, operation, await send(input, operation, text), name);
  });
  return measured;
}

/** A field that is there twice, plainly or behind an escape or deep down, in every body. */
export async function measureRepeated(input: WrongInput): Promise<Measured> {
  const measured = nothingMeasured();
  const texts = ['{"zz":1,"zz":1}', '{"zz":1,"\\u007az":1}', '{"a":[{"b":{"zz":1,"zz":1}}]}'];
  const operations = input.operations.filter(({ method }) => method !== 'GET');
  const cells = operations.flatMap((operation) => texts.map((text) => ({ operation, text })));
  await each(cells, async ({ operation, text }) => {
    const answer = await send(input, operation, text);
    count(measured, operation.id, answer.status);
    if (answer.status !== 400 || !pointersOf(answer).some((at) => at.endsWith('/zz')))
      measured.faults.push(`${operation.id} ${text}: ${answer.status} ${answer.text.slice(0, 200)}`);
  });
  return measured;
}

function check(
  measured: Measured,
  where: string,
  operation: MatrixOperation,
  answer: Answered,
  name: string,
): void {
  count(measured, operation.id, answer.status);
  if (answer.status !== 422 || !pointersOf(answer).includes(`/${name}`))
    measured.faults.push(`${where}: ${answer.status} ${answer.text.slice(0, 200)}`);
}

function refusalFault(answer: Answered, { pointer }: BodyField): string | null {
  const told = `${answer.status} ${answer.text.slice(0, 300)}`;
  if (answer.status < 400 || answer.status >= 500) return told;
  // The field, something in it, or what it is part of: a rule over a list or an object speaks of the whole.
  const named = pointersOf(answer).some(
    (at) => at !== '' && (`${at}/`.startsWith(`${pointer}/`) || pointer.startsWith(`${at}/`)),
  );
  return named ? null : `no pointer to it: ${told}`;
}

function crashFault({ status, text }: Answered): string | null {
  return status === 500 ? `${status} ${text.slice(0, 300)}` : null;
}

function pointersOf({ text }: Answered): string[] {
  try {
    const { errors = [] } = JSON.parse(text) as { errors?: { pointer: string }[] };
    return errors.map(({ pointer }) => pointer);
  } catch {
    return [];
  }
}

function call(
  input: WrongInput,
  operation: MatrixOperation,
  query: string,
  body?: object,
): Promise<Answered> {
  const path = fillPath(operation, (place) => input.own(place)) + query;
  return ask(input.url, input.caller(operation), { method: operation.method, path, body });
}

/** The same with a body that `JSON.stringify` cannot write. */
async function send(input: WrongInput, operation: MatrixOperation, body: string): Promise<Answered> {
  const path = fillPath(operation, (place) => input.own(place));
  const response = await fetch(`${input.url}${path}`, {
    method: operation.method,
    headers: { ...input.caller(operation).headers, 'content-type': 'application/json' },
    body,
  });
  return { status: response.status, text: await response.text() };
}

function raw(document: MatrixDocument, { path, method }: MatrixOperation): RawOperation {
  const item = Object.entries(document.paths).find(([at]) => at === path)?.[1] as Record<
    string,
    RawOperation
  >;
  return item[method.toLowerCase()] ?? {};
}

function shown({ value }: Trial): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 60);
}
