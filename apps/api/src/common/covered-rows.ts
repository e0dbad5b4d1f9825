import { coversRow, type Principal } from '#lib/access';
import type { Permission } from '#lib/contracts';
import type { PageWindow } from './paging.js';

/**
 * The rows of a window that the caller's permission document covers, as many as were asked for: pages stay full, and a cursor
 * leads on, though rows in between are left out (PRODUCT #5).
 *
 * @param read reads a window of rows in the order of their ids
 * @param inside ids of the path that name each row together with its own
 */
export async function coveredRows<Row extends { id: string }>(
  principal: Principal,
  permission: Permission,
  window: PageWindow,
  read: (window: PageWindow) => Promise<Row[]>,
  inside: readonly string[] = [],
): Promise<Row[]> {
  if (!principal.permissions) return read(window);
  const covered: Row[] = [];
  for (let { afterId } = window; ;) {
    const rows = await read({ ...window, afterId });
    covered.push(...rows.filter(({ id }) => coversRow(principal, permission, ...inside, id)));
    if (rows.length < window.take || covered.length >= window.take) return covered.slice(0, window.take);
    afterId = rows.at(-1)?.id;
  }
}
