import type { ApiPropertyOptions } from '@nestjs/swagger';
import { ValidateBy, ValidateIf } from 'class-validator';

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;

/** The field may be left out; null is no way of leaving it out. */
export function OptionalField(): PropertyDecorator {
  return ValidateIf((_, value: unknown) => value !== undefined);
}

/** `toolChoice` in the OpenAPI document. */
export const TOOL_CHOICE: ApiPropertyOptions = {
  oneOf: [
    { type: 'string', enum: ['auto', 'none', 'required'] },
    {
      type: 'object',
      required: ['tool'],
      properties: { tool: { type: 'string' } },
      additionalProperties: false,
    },
  ],
};

/** `auto`, `none`, `required`, or `{ tool }`. */
export function IsToolChoice(): PropertyDecorator {
  const message = 'toolChoice is "auto", "none", "required" or {"tool": "<name>"}.';
  return ValidateBy({
    name: 'isToolChoice',
    validator: { validate: isToolChoice, defaultMessage: () => message },
  });
}

/** A day that the calendar has, as YYYY-MM-DD. */
export function IsDay(): PropertyDecorator {
  return ValidateBy({
    name: 'isDay',
    validator: { validate: isDay, defaultMessage: () => 'Write a day that exists as YYYY-MM-DD.' },
  });
}

/** An object of at most 50 header names with text values that hold no line break. */
export function IsStringMap(): PropertyDecorator {
  const message =
    'headers is an object of up to 50 header names, each with a text value without line breaks.';
  return ValidateBy({
    name: 'isStringMap',
    validator: { validate: isHeaderMap, defaultMessage: () => message },
  });
}

function isToolChoice(value: unknown): boolean {
  if (value === 'auto' || value === 'none' || value === 'required') return true;
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && 'tool' in value && typeof value.tool === 'string';
}

function isDay(value: unknown): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const ms = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value);
}

function isHeaderMap(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= 50 && entries.every(([name, text]) => HEADER_NAME.test(name) && isHeaderValue(text))
  );
}

function isHeaderValue(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 8_000 && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}
