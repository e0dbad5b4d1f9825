import { ID_PREFIXES, isId } from '#lib/kernel';

/** People are no resources of a permission document, and what happened (runs, events) is named by paths alone. */
const RESOURCES = ID_PREFIXES.filter((prefix) =>
  ['org', 'mem', 'inv', 'ws', 'aip', 'sec', 'tok', 'pol', 'mcp', 'whk'].includes(prefix),
);
const ID_FIELD = /^id$|Ids?$/;

/**
 * The ids of rows that a query or a body names: well-formed ones in fields called `id`, `…Id` or `…Ids`, however deep. What is not
 * well-formed reaches no row.
 */
export function idsNamedIn(value: unknown, field = ''): string[] {
  if (typeof value === 'string')
    return ID_FIELD.test(field) && RESOURCES.some((prefix) => isId(prefix, value)) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item) => idsNamedIn(item, field));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => idsNamedIn(item, name));
}
