import type { IdPrefix } from '#lib/kernel';
import { idFieldsOf, kindOfName, type Schema } from './id-fields.js';

/** Where a call names a row by its id. */
export interface IdPlace {
  in: 'path' | 'query' | 'body';
  /** The parameter's name; in a body a JSON pointer, `0` for any element of an array. */
  name: string;
  kind: IdPrefix;
  /** What is written there, `*` standing for the id: most often `*` alone. */
  spelling: string;
}

/** One operation of an OpenAPI document, as the matrices use it. */
export interface MatrixOperation {
  id: string;
  method: string;
  /** With `{parameters}`. */
  path: string;
  /** null: public, or the operator's. */
  permission: string | null;
  /** The operator's alone, whom no role of an organization makes. */
  operator: boolean;
  /** Open to everybody. */
  open: boolean;
  hasBody: boolean;
  places: IdPlace[];
}

/** As much of an OpenAPI document as is read here. */
export interface MatrixDocument {
  paths: object;
  components?: { schemas?: object };
}

interface RawOperation {
  operationId: string;
  parameters?: { in: string; name: string; schema?: Schema; description?: string }[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
  'x-permission'?: string;
  'x-operator'?: boolean;
  'x-public'?: boolean;
}

/** The kind of row that follows a segment of a path; null for what is no id of a row (a slug, a secret link). */
const AFTER_SEGMENT: Record<string, IdPrefix | null> = {
  'ai-providers': 'aip',
  members: 'mem',
  tokens: 'tok',
  orgs: 'org',
  sessions: 'ses',
  secrets: 'sec',
  notices: 'ntc',
  workspaces: 'ws',
  'agent-runs': 'run',
  providers: null,
};

/** Parameters that are no ids wherever they stand. A pin may name a key: compatible-walls.e2e-spec.ts brings foreign ones. */
const NO_IDS = new Set(['slug', 'token', 'model', 'pin']);

/**
 * Every operation of a document with every place in which it takes the id of one of our rows: what the document does not know, no
 * matrix covers. Throws by name on a parameter or field that looks like an id and of which nobody said what it names.
 *
 * @param foreignTerms JSON pointers of body fields and names of parameters that look like ids but name a caller's own things
 */
export function readOperations(
  document: MatrixDocument,
  foreignTerms: readonly string[] = [],
): MatrixOperation[] {
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>;
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, RawOperation>).map(([method, raw]) => ({
      id: raw.operationId,
      method: method.toUpperCase(),
      path,
      permission: raw['x-permission'] ?? null,
      operator: raw['x-operator'] === true,
      open: raw['x-public'] === true,
      hasBody: 'requestBody' in raw,
      places: [
        ...placesInPath(path),
        ...placesInQuery(raw, foreignTerms),
        ...placesInBody(raw, schemas, foreignTerms),
      ],
    })),
  );
}

function placesInPath(path: string): IdPlace[] {
  return [...path.matchAll(/([^/]+)\/\{(\w+)\}/g)].flatMap(([, segment = '', name = '']): IdPlace[] => {
    if (NO_IDS.has(name)) return [];
    const kind = kindOfName(name) ?? (segment === 'invites' ? 'inv' : AFTER_SEGMENT[segment]);
    if (kind === undefined) throw new Error(`say in libs/testing/src/matrix what {${name}} names in ${path}`);
    return kind === null ? [] : [{ in: 'path', name, kind, spelling: '*' }];
  });
}

function placesInQuery(
  { operationId, parameters = [] }: RawOperation,
  foreign: readonly string[],
): IdPlace[] {
  const properties = parameters.filter(
    (parameter) => parameter.in === 'query' && !foreign.includes(parameter.name),
  );
  const schema = {
    properties: Object.fromEntries(
      properties.map(({ name, schema: own, description }) => [name, { ...own, description }]),
    ),
  };
  return idFieldsOf(operationId, schema, {}).map(({ pointer, ...field }) => ({
    in: 'query',
    name: pointer.slice(1),
    ...field,
  }));
}

function placesInBody(
  { operationId, requestBody }: RawOperation,
  schemas: Record<string, Schema>,
  foreign: readonly string[],
): IdPlace[] {
  const schema = requestBody?.content?.['application/json']?.schema ?? {};
  return idFieldsOf(operationId, schema, schemas, foreign).map(({ pointer, ...field }) => ({
    in: 'body',
    name: pointer,
    ...field,
  }));
}

/** The path with its parameters filled in; what is no id takes a value that passes. */
export function fillPath(operation: MatrixOperation, idAt: (place: IdPlace) => string): string {
  return operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const place = operation.places.find((candidate) => candidate.in === 'path' && candidate.name === name);
    return place ? encodeURIComponent(idAt(place)) : 'openai';
  });
}

/**
 * Where document and router differ, and every operation that nobody says anything of: what it needs, or that it is the operator's
 * or everybody's. `open` names the operations that are meant to be everybody's.
 */
export function documentFaults(
  operations: readonly MatrixOperation[],
  routes: readonly { method: string; path: string }[],
  permissions: readonly string[],
  open: readonly string[],
): string[] {
  const name = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;
  const [documented, routed] = [operations.map(name), routes.map(name)];
  const ids = operations.map(({ id }) => id);
  return [
    ...routed
      .filter((route) => !documented.includes(route))
      .map((route) => `${route} is not in the document`),
    ...documented
      .filter((route) => !routed.includes(route))
      .map((route) => `${route} is documented and not there`),
    ...operations.flatMap((operation) => declarationFaults(operation, permissions, open)),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `two operations are called ${id}`),
  ];
}

function declarationFaults(
  { id, method, path, permission, operator, open }: MatrixOperation,
  permissions: readonly string[],
  meantOpen: readonly string[],
): string[] {
  const where = `${method} ${path}`;
  if (permission !== null && !permissions.includes(permission))
    return [`${where} needs ${permission}, which does not exist`];
  if (open && !meantOpen.includes(id)) return [`${where} is open to everybody, and nobody meant it to be`];
  return permission !== null || operator || open ? [] : [`${where} declares no permission`];
}
