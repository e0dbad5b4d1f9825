interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

/** Far above what any plan's page shows; stops a server that never ends its list. */
const MAX_PAGES = 25;

/** Reads a list to its end, page by page. */
export async function allPages<T>(read: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { data, nextCursor } = await read(cursor);
    rows.push(...data);
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  return rows;
}
