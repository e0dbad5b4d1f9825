import { OpenApiHolder } from '#lib/http';
import type { TestApi } from './test-api.js';

/** One operation of the document, as the matrices use it. */
export interface Operation {
  id: string;
  method: string;
  /** With `{parameters}`. */
  path: string;
  permission: string | null;
  /** The operator's alone, whom no role of an organization makes. */
  operator: boolean;
  hasBody: boolean;
}

/** Every operation of the OpenAPI document of the running api: what the document does not know, no matrix covers. */
export function operationsOf(api: TestApi): Operation[] {
  const document = api.app.get(OpenApiHolder).document;
  return Object.entries(document?.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item).map(([method, value]) => {
      const operation = value as {
        operationId: string;
        requestBody?: object;
        'x-permission'?: string;
        'x-operator'?: boolean;
      };
      const permission = operation['x-permission'] ?? null;
      return {
        id: operation.operationId,
        method: method.toUpperCase(),
        path,
        permission,
        operator: operation['x-operator'] === true,
        hasBody: 'requestBody' in operation,
      };
    }),
  );
}

/** The kind of id that a path parameter takes, by the segment before it; null for what is no id of a row. */
const ID_KINDS: Record<string, string | null> = {
  'ai-providers': 'aip',
  members: 'mem',
  invites: 'inv',
  tokens: 'tok',
  orgs: 'org',
  sessions: 'ses',
  secrets: 'sec',
  workspaces: 'ws',
  providers: null,
};

/** Puts ids into a path: `valueFor` is asked with the kind of id; a parameter that this table does not know fails. */
export function fillPath(path: string, valueFor: (kind: string | null) => string): string {
  return path.replace(/([^/]+)\/\{(\w+)\}/g, (_, segment: string, parameter: string) => {
    const kind = parameter === 'token' ? null : ID_KINDS[segment];
    if (kind === undefined) throw new Error(`say in ID_KINDS what follows ${segment}/ in ${path}`);
    return `${segment}/${valueFor(kind)}`;
  });
}

/** Whether the path names a row by its id. */
export function namesRow(path: string): boolean {
  let kinds = 0;
  fillPath(path, (kind) => ((kinds += kind === null ? 0 : 1), 'x'));
  return kinds > 0;
}

/**
 * A body that passes validation, for every operation that takes one; ids in it come from `idOf`. A new operation without
 * an example fails the matrices.
 */
export function exampleBody(operationId: string, idOf: (kind: string) => string): object {
  const example = EXAMPLES[operationId];
  if (!example) throw new Error(`give ${operationId} an example body in operations.ts`);
  return example(idOf);
}

const password = 'correct horse battery';
const EXAMPLES: Record<string, (idOf: (kind: string) => string) => object> = {
  'auth.signUp': () => ({ email: 'taken@example.test', password, name: 'Example', orgName: 'Example' }),
  'auth.logIn': () => ({ email: 'nobody@example.test', password }),
  'account.activeOrg': (idOf) => ({ orgId: idOf('org') }),
  'account.password': () => ({ currentPassword: 'not this one', newPassword: 'another good one' }),
  'orgs.update': () => ({ name: 'Renamed' }),
  'ownKms.set': () => ({
    keyId: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    roleArn: 'arn:aws:iam::111122223333:role/claviger-key',
  }),
  'members.approve': () => ({}),
  'members.update': () => ({ role: 'MEMBER' }),
  'invites.create': () => ({ role: 'MEMBER' }),
  'invites.update': () => ({ enabled: false }),
  'acceptInvite.accept': () => ({}),
  'tokens.create': (idOf) => ({ name: 'Example', kind: 'workspace', workspaceId: idOf('ws') }),
  'tokens.roll': () => ({}),
  'workspaces.create': () => ({ name: 'Example' }),
  'workspaces.update': () => ({ name: 'Renamed' }),
  'workspaces.grant': () => ({ canEdit: true, canDelete: true, canExecute: true }),
  'assignments.replace': (idOf) => ({
    assignments: [{ aiProviderId: idOf('aip'), priority: 0, weight: 1, active: true }],
  }),
  'assignments.resolve': () => ({ model: 'gpt-4.1' }),
  'catalog.gate': () => ({ enabled: true }),
  'providerKeys.create': (idOf) => ({ name: 'Example', provider: 'openai', secretId: idOf('sec') }),
  'providerKeys.update': () => ({ name: 'Renamed' }),
  'keyActions.rotate': () => ({ secret: 'sk-example-0123456789abcdef' }),
  'secrets.create': () => ({
    name: 'Example',
    secret: 'sk-example-0123456789abcdef',
    origins: ['https://api.openai.com:443'],
  }),
  'platform.setKillSwitch': () => ({ enabled: false, reason: 'Example' }),
  'plans.setOrgPlan': () => ({ plan: 'free' }),
  'secrets.rotate': () => ({ secret: 'sk-example-0123456789abcdef' }),
};

/** The operations' own example bodies; undefined where an operation takes none. */
export function bodyFor(operation: Operation, idOf: (kind: string) => string): object | undefined {
  return operation.hasBody ? exampleBody(operation.id, idOf) : undefined;
}
