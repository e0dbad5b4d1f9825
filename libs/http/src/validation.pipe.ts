import {
  ValidationPipe,
  type ArgumentMetadata,
  type PipeTransform,
  type ValidationError,
} from '@nestjs/common';
import { ClavigerError } from '#lib/contracts';
import type { FieldFault } from '#lib/kernel';

const MAX_FAULTS = 50;
const MAX_SEGMENT = 100;

/** class-validator over DTO classes: unknown fields, wrong types and every other fault at once, each with its pointer. */
export function validationPipe(): PipeTransform {
  const pipe = new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    stopAtFirstError: false,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => validationFailed(errors.flatMap((error) => faultsOf(error, ''))),
  });
  return { transform: (value: unknown, metadata: ArgumentMetadata) => transform(pipe, value, metadata) };
}

/** The 422 for faults found in the input. `detail` tells where to look; more than fifty faults are cut off. */
export function validationFailed(errors: FieldFault[]): ClavigerError {
  const shown = errors.slice(0, MAX_FAULTS);
  const where = shown
    .map((fault) => fault.pointer || 'the body')
    .slice(0, 5)
    .join(', ');
  return new ClavigerError(
    'validation_failed',
    `Some of the input is not valid: mend ${where} and send it again.`,
    { errors: shown },
  );
}

async function transform(pipe: ValidationPipe, value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
  if (metadata.type === 'body' && value !== undefined && !isPlainObject(value)) {
    throw validationFailed([{ pointer: '', detail: 'The body must be a JSON object.' }]);
  }
  if (metadata.type === 'body' || metadata.type === 'query') {
    const faults = unstorableText(value, '');
    if (faults.length > 0) throw validationFailed(faults);
  }
  return pipe.transform(value, metadata) as Promise<unknown>;
}

function faultsOf(error: ValidationError, parent: string): FieldFault[] {
  const pointer = `${parent}/${segment(error.property)}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    pointer,
    detail: rule === 'whitelistValidation' ? 'This field is not known here: remove it.' : message,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => faultsOf(child, pointer))];
}

/** What JSON allows and Postgres does not store: a NUL, and half of a surrogate pair. Refused here rather than failing there. */
const UNSTORABLE = /[\0\p{Cs}]/u;

function unstorableText(value: unknown, pointer: string): FieldFault[] {
  if (typeof value === 'string') {
    return UNSTORABLE.test(value)
      ? [{ pointer, detail: 'Text may not contain NUL or half a character.' }]
      : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    ...(UNSTORABLE.test(key)
      ? [{ pointer, detail: 'A field name may not contain NUL or half a character.' }]
      : []),
    ...unstorableText(item, `${pointer}/${segment(key)}`),
  ]);
}

/** One step of a JSON pointer (RFC 6901 §4), cut to a readable length. */
function segment(name: string): string {
  return name.slice(0, MAX_SEGMENT).replaceAll('~', '~0').replaceAll('/', '~1');
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
