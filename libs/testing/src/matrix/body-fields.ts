/** As much of a JSON Schema as decides what a value may be. */
export interface FieldSchema {
  $ref?: string;
  type?: string | string[];
  nullable?: boolean;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
  properties?: Record<string, FieldSchema>;
  additionalProperties?: unknown;
  items?: FieldSchema;
  allOf?: FieldSchema[];
  oneOf?: FieldSchema[];
  anyOf?: FieldSchema[];
}

export type Kind = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'null';

/** A field of a body: where it is, and what the document says that it may be. */
export interface BodyField {
  /** JSON pointer, `0` for any entry of a list. */
  pointer: string;
  kinds: ReadonlySet<Kind>;
  enums: readonly unknown[];
  schemas: readonly FieldSchema[];
}

/** Every field of a body, lists' entries included, however deep; a free-form object is one field. */
export function bodyFields(schema: FieldSchema, schemas: Record<string, FieldSchema>): BodyField[] {
  const found = new Map<string, BodyField>();
  const walk = (at: FieldSchema, pointer: string, depth: number): void => {
    if (depth > 8) return;
    const variants = resolve(at, schemas);
    if (pointer !== '') add(found, pointer, variants);
    for (const variant of variants) {
      if (variant.items) walk(variant.items, `${pointer}/0`, depth + 1);
      for (const [name, field] of Object.entries(variant.properties ?? {}))
        walk(field, `${pointer}/${name}`, depth + 1);
    }
  };
  walk(schema, '', 0);
  return [...found.values()];
}

/** The schema with its references and alternatives followed: any one of these. */
export function resolve(at: FieldSchema, schemas: Record<string, FieldSchema>): FieldSchema[] {
  const target = at.$ref === undefined ? undefined : schemas[at.$ref.split('/').at(-1) ?? ''];
  const parts = [...(target ? [target] : []), ...(at.allOf ?? []), ...(at.oneOf ?? []), ...(at.anyOf ?? [])];
  return parts.length === 0 ? [at] : parts.flatMap((part) => resolve(part, schemas));
}

function add(found: Map<string, BodyField>, pointer: string, variants: FieldSchema[]): void {
  const before = found.get(pointer);
  const schemas = [...(before?.schemas ?? []), ...variants];
  const kinds = new Set(schemas.flatMap(kindsOf));
  found.set(pointer, { pointer, kinds, enums: schemas.flatMap((schema) => schema.enum ?? []), schemas });
}

function kindsOf({ type, enum: members, properties, items, nullable }: FieldSchema): Kind[] {
  const named = type === undefined ? [] : [type].flat();
  const kinds = named.length > 0 ? (named as Kind[]) : (members ?? []).map(kindOf);
  if (kinds.length === 0) kinds.push(properties ? 'object' : items ? 'array' : 'object');
  return nullable ? [...kinds, 'null'] : kinds;
}

/** What a value is, in the document's words. */
export function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as Kind;
}

/** Whether the document lets a field be of this value's kind. */
export function allows({ kinds }: Pick<BodyField, 'kinds'>, value: unknown): boolean {
  const kind = kindOf(value);
  return kinds.has(kind) || (kind === 'integer' && kinds.has('number'));
}
