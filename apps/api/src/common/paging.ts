import { ClavigerError } from '#lib/contracts';
import { decodeCursor, type PageQuery } from '#lib/http';
import { isId, type IdPrefix } from '#lib/kernel';

/** Which rows to read for a page of rows in the order of their ids. */
export interface PageWindow {
  /** One more than asked for: it tells whether there are more. */
  take: number;
  /** The id that the page starts after. */
  afterId: string | undefined;
}

/** The window that a list's query asks for. Throws validation_failed on a cursor of another list. */
export function pageWindow(prefix: IdPrefix, query: PageQuery): PageWindow {
  const afterId = decodeCursor(query.cursor);
  if (afterId === undefined || isId(prefix, afterId)) return { take: query.limit + 1, afterId };
  throw new ClavigerError(
    'validation_failed',
    'This cursor belongs to another list. Leave it out to start from the beginning.',
    {
      errors: [
        { pointer: '/cursor', detail: 'Use nextCursor of the page before, unchanged, or leave it out.' },
      ],
    },
  );
}
