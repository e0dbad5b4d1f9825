import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsISO8601,
  IsString,
  Length,
  Matches,
  MaxLength,
  ValidateBy,
  ValidateIf,
  type ValidationOptions,
} from 'class-validator';
import { isModelId } from '#lib/catalog';

/** A field that may be left out, but not be null: an omitted field keeps its value, `clear` removes it (PRODUCT #18). */
export function Omittable(): PropertyDecorator {
  return ValidateIf((_object: unknown, value: unknown) => value !== undefined);
}

/**
 * A human-given name: 1 to 120 characters, at least one of them visible, no control characters. Blanks around it fall off, so
 * that no two names look the same.
 */
export function IsName(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value)),
    IsString(),
    Length(1, 120, { message: 'Give a name of 1 to 120 characters.' }),
    // Two plain patterns, each linear: every rule runs, on a name of a megabyte too, and one pattern for both would backtrack.
    Matches(/^[^\p{Cc}]*$/u, { message: 'Give a name without control characters.' }),
    Matches(/[^\s\p{Cc}]/u, { message: 'Give a name with at least one visible character.' }),
  );
}

const MODEL_ID_MESSAGE =
  'Give model ids as the vendor spells them: 1 to 200 characters without blanks, and without what would change the path of a URL.';

/** A vendor's model id. */
export function IsModelId(options?: ValidationOptions): PropertyDecorator {
  const validate = (value: unknown): boolean => typeof value === 'string' && isModelId(value);
  return ValidateBy(
    { name: 'isModelId', validator: { validate, defaultMessage: () => MODEL_ID_MESSAGE } },
    options,
  );
}

/** A curated list: at most 500 distinct model ids, in order of preference. */
export function IsModelList(): PropertyDecorator {
  return applyDecorators(IsArray(), ArrayMaxSize(500), IsDistinct(), IsModelId({ each: true }));
}

/** No entry twice. In one pass: class-validator's own rule compares each with each, which a long list makes into minutes. */
function IsDistinct(): PropertyDecorator {
  return ValidateBy({
    name: 'isDistinct',
    validator: {
      validate: (value: unknown) => !Array.isArray(value) || new Set(value).size === value.length,
      defaultMessage: () => 'An entry is there twice: list each once.',
    },
  });
}

const TIME_MESSAGE = 'Give a time like 2027-01-31T12:00:00Z.';

/** A time (RFC 3339). ISO 8601 has forms beside it, such as weeks, that look well-formed and are no time to us. */
export function IsTime(): PropertyDecorator {
  return applyDecorators(
    IsISO8601({ strict: true, strictSeparator: true }, { message: TIME_MESSAGE }),
    ValidateBy({
      name: 'isTime',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && isStorable(new Date(value)),
        defaultMessage: () => TIME_MESSAGE,
      },
    }),
  );
}

function isStorable(time: Date): boolean {
  const year = time.getUTCFullYear();
  return year >= 1 && year <= 9999;
}

/** What names a row in a body: any short text; whether it is an id of the right kind is for the service to say (404). */
export function IsReference(): PropertyDecorator {
  return applyDecorators(IsString(), MaxLength(64));
}
