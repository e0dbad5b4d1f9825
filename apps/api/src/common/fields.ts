import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsString,
  Length,
  Matches,
  MaxLength,
  ValidateIf,
} from 'class-validator';

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

/** A vendor's model id: 1 to 200 visible characters. */
const MODEL_ID = /^[^\s\p{Cc}]{1,200}$/u;
const MODEL_ID_MESSAGE = 'Give model ids as the vendor spells them: 1 to 200 characters without blanks.';

export function IsModelId(): PropertyDecorator {
  return applyDecorators(IsString(), Matches(MODEL_ID, { message: MODEL_ID_MESSAGE }));
}

/** A curated list: at most 500 distinct model ids, in order of preference. */
export function IsModelList(): PropertyDecorator {
  return applyDecorators(
    IsArray(),
    ArrayMaxSize(500),
    ArrayUnique(),
    IsString({ each: true }),
    Matches(MODEL_ID, { each: true, message: MODEL_ID_MESSAGE }),
  );
}

/** What names a row in a body: any short text; whether it is an id of the right kind is for the service to say (404). */
export function IsReference(): PropertyDecorator {
  return applyDecorators(IsString(), MaxLength(64));
}
