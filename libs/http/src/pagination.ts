import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { validationFailed } from './validation.pipe.js';

export interface Page<T> {
  data: T[];
  nextCursor: string | null;
  hasMore: boolean;
}

/** `?limit=&cursor=` of every list. */
export class PageQuery {
  /** How many to answer at most. */
  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 200, default: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;

  /** `nextCursor` of the page before. */
  @ApiPropertyOptional({ type: String })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  cursor?: string;
}

/** Cuts `limit + 1` rows to a page; `keyOf` gives what the next page starts after (e.g. the row's id). */
export function toPage<Row, T>(
  rows: Row[],
  limit: number,
  keyOf: (row: Row) => string,
  map: (row: Row) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { data: shown.map(map), nextCursor: hasMore ? encodeCursor(keyOf(last)) : null, hasMore };
}

/** An opaque cursor over the key of the last row shown. */
export function encodeCursor(key: string): string {
  return Buffer.from(JSON.stringify([1, key])).toString('base64url');
}

/** The key inside a cursor; undefined when there is none. A cursor that we did not make is `validation_failed`. */
export function decodeCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(value) && value[0] === 1 && typeof value[1] === 'string') return value[1];
  } catch {
    // Not JSON: answered below like any other foreign cursor.
  }
  throw validationFailed([
    { pointer: '/cursor', detail: 'Use nextCursor of the page before, unchanged, or leave it out.' },
  ]);
}
