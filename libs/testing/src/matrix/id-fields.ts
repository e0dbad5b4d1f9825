import { ID_PREFIXES, type IdPrefix } from '#lib/kernel';

/** As much of a JSON Schema as is walked. */
export interface Schema {
  $ref?: string;
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
}

export interface IdField {
  /** JSON pointer, `0` for any element of an array. */
  pointer: string;
  kind: IdPrefix;
  spelling: string;
}

const KINDS: Record<string, IdPrefix> = {
  aiProvider: 'aip',
  org: 'org',
  user: 'usr',
  session: 'ses',
  member: 'mem',
  invite: 'inv',
  workspace: 'ws',
  secret: 'sec',
  token: 'tok',
  policy: 'pol',
  run: 'run',
  event: 'evt',
  webhook: 'whk',
  delivery: 'dlv',
  notice: 'ntc',
  approval: 'apv',
  violation: 'vio',
  quota: 'quo',
  priceOverride: 'prc',
  mcpServer: 'mcp',
};

/** The kind of row that a field of this name holds the id of, `ownerMemberId` and `workspaceIds` included. */
export function kindOfName(name: string): IdPrefix | undefined {
  const noun = name.replace(/Ids?$/, '');
  if (noun === name) return undefined;
  const known = Object.keys(KINDS).find(
    (kind) => noun === kind || noun.endsWith(kind.charAt(0).toUpperCase() + kind.slice(1)),
  );
  return known === undefined ? undefined : KINDS[known];
}

/**
 * The fields of a schema that hold ids of our rows: by name (`…Id`), or because their description spells one (`@aip_…/model`).
 * Throws by name where a field looks like an id and neither says of what.
 */
export function idFieldsOf(
  owner: string,
  schema: Schema,
  schemas: Record<string, Schema>,
  foreign: readonly string[] = [],
): IdField[] {
  const found = new Map<string, IdField>();
  const walk = (at: Schema, pointer: string, depth: number): void => {
    if (depth > 8) return;
    if (at.$ref) walk(schemas[at.$ref.split('/').at(-1) ?? ''] ?? {}, pointer, depth + 1);
    for (const part of [...(at.allOf ?? []), ...(at.oneOf ?? []), ...(at.anyOf ?? [])])
      walk(part, pointer, depth + 1);
    if (at.items) walk(at.items, `${pointer}/0`, depth + 1);
    for (const [name, field] of Object.entries(at.properties ?? {})) {
      const here = `${pointer}/${name}`;
      if (foreign.includes(here)) continue;
      for (const id of fieldAt(owner, name, field, here)) found.set(`${id.pointer} ${id.spelling}`, id);
      walk(field, here, depth + 1);
    }
  };
  walk(schema, '', 0);
  return [...found.values()];
}

function fieldAt(
  owner: string,
  name: string,
  { description = '', items }: Schema,
  pointer: string,
): IdField[] {
  const place = items ? `${pointer}/0` : pointer;
  const kind = kindOfName(name);
  if (kind) return [{ pointer: place, kind, spelling: '*' }];
  const spelt = [...description.matchAll(/`(@?)([a-z]{2,3})_…(\/\w+)?`/g)].flatMap(
    ([, at = '', prefix, rest = '']): IdField[] => {
      const known = ID_PREFIXES.find((candidate) => candidate === prefix);
      return known
        ? [{ pointer: place, kind: known, spelling: `${at}*${rest.replace('model', 'gpt-4.1')}` }]
        : [];
    },
  );
  if (spelt.length === 0 && /(^id|Ids?)$/.test(name)) {
    throw new Error(`say in libs/testing/src/matrix/id-fields.ts what ${pointer} of ${owner} names`);
  }
  return spelt;
}
