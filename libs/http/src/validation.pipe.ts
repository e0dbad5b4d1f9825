import { ValidationPipe, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import type { ValidationError, ValidatorOptions } from 'class-validator';
import { ClavigerError } from '#lib/contracts';
import type { FieldFault } from '#lib/kernel';
import { fieldFaults } from './field-faults.js';
import { isPlainObject } from './pointers.js';
import { shapeFaults } from './shape-faults.js';
import { unfitInput } from './unfit-input.js';

const MAX_FAULTS = 50;
const MAX_NAMED = 5;

/** class-validator over DTO classes: unknown fields, wrong types and every other fault at once, each with its pointer. */
export function validationPipe(): PipeTransform {
  const pipe = new StrictPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    stopAtFirstError: false,
    validationError: { target: false, value: true },
    exceptionFactory: (errors) => validationFailed(errors.flatMap((error) => fieldFaults(error))),
  });
  return { transform: (value: unknown, metadata: ArgumentMetadata) => transform(pipe, value, metadata) };
}

/** The 422 for faults found in the input. `detail` tells where to look; more than fifty faults are cut off. */
export function validationFailed(errors: FieldFault[]): ClavigerError {
  const shown = errors.slice(0, MAX_FAULTS);
  const places = [...new Set(shown.map((fault) => fault.pointer || 'the body'))];
  const where = places.slice(0, MAX_NAMED).join(', ');
  return new ClavigerError(
    'validation_failed',
    `Some of the input is not valid: mend ${where} and send it again.`,
    { errors: shown },
  );
}

/** Looks at the shapes that class-validator does not, before it does. */
class StrictPipe extends ValidationPipe {
  protected override async validate(
    instance: object,
    options?: ValidatorOptions,
  ): Promise<ValidationError[]> {
    const shapes = shapeFaults(instance);
    if (shapes.tooMany) throw validationFailed(shapes.faults);
    const errors = await super.validate(instance, options);
    if (shapes.faults.length === 0) return errors;
    const told = shapes.faults.map(({ pointer }) => pointer);
    const others = errors
      .flatMap((error) => fieldFaults(error))
      .filter(({ pointer }) => !told.some((at) => pointer === at || pointer.startsWith(`${at}/`)));
    throw validationFailed([...shapes.faults, ...others]);
  }
}

async function transform(pipe: ValidationPipe, value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
  if (metadata.type === 'body' && value !== undefined && !isPlainObject(value)) {
    throw validationFailed([{ pointer: '', detail: 'The body must be a JSON object.' }]);
  }
  if (metadata.type === 'body' || metadata.type === 'query') {
    const faults = unfitInput(value);
    if (faults.length > 0) throw validationFailed(faults);
  }
  return pipe.transform(value, metadata) as Promise<unknown>;
}
