import { AsyncLocalStorage } from 'node:async_hooks';
import { createParamDecorator } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { ClavigerError, type Permission, type StateKey } from '#lib/contracts';
import { isId } from '#lib/kernel';
import type { Caller } from './caller.js';

/** Who calls, in one workspace, and the authorisation question that the fence repeats. */
export interface CurrentCall {
  caller: Caller;
  stateKey: StateKey;
}

/** Who was let in, and what for. */
export interface CurrentRight {
  caller: Caller;
  permission: Permission;
}

interface CallStore {
  workspaceId: string;
  stateKey: StateKey | undefined;
  right: CurrentRight | undefined;
}

/** A well-formed id that no workspace has: the caller is authenticated first, and then gets the same 404 as for any unknown id. */
const NO_WORKSPACE = `ws_${'0'.repeat(26)}`;
const storage = new AsyncLocalStorage<CallStore>();

/** Makes the workspace of the URL known to authentication, which reads token and workspace in one query. */
export function registerCallContext(fastify: FastifyInstance): void {
  fastify.addHook('preHandler', (request, _reply, done) => {
    storage.run({ workspaceId: workspaceIn(request.params), stateKey: undefined, right: undefined }, done);
  });
}

/** The workspace that the current request names. */
export function currentWorkspaceId(): string {
  return storage.getStore()?.workspaceId ?? NO_WORKSPACE;
}

export function rememberStateKey(stateKey: StateKey): void {
  const store = storage.getStore();
  if (store) store.stateKey = stateKey;
}

/** The authorisation question of the current request, as authentication asked it. */
export function currentStateKey(): StateKey {
  const stateKey = storage.getStore()?.stateKey;
  if (!stateKey)
    throw new ClavigerError(
      'unauthenticated',
      'Send a valid token as "Authorization: Bearer clv_eng_…", or sign in.',
    );
  return stateKey;
}

export function rememberRight(right: CurrentRight): void {
  const store = storage.getStore();
  if (store) store.right = right;
}

/** Who was let in by `WorkspaceGuard`, and by which right. */
export function currentRight(): CurrentRight {
  const right = storage.getStore()?.right;
  if (!right) throw new Error('the route is not behind WorkspaceGuard');
  return right;
}

/** The caller whom `WorkspaceGuard` let in, as a parameter of a controller's method. */
export const Call = createParamDecorator((): CurrentCall => {
  const { caller } = currentRight();
  return { caller, stateKey: currentStateKey() };
});

function workspaceIn(params: unknown): string {
  const id =
    typeof params === 'object' && params !== null && 'workspaceId' in params ? params.workspaceId : undefined;
  return isId('ws', id) ? id : NO_WORKSPACE;
}
