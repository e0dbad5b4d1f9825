import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ClavigerError, type Permission } from '#lib/contracts';
import { ROUTE_PERMISSION } from '#lib/http';
import type { Clock, TokenKind } from '#lib/kernel';
import { StateCache } from '../keys/state-cache.js';
import { CLOCK } from '../tokens.js';
import { assertCaller } from './caller.js';
import { currentStateKey, rememberRight } from './call-context.js';

/** After authentication, before the body: whether the caller may do this in the workspace that the path names. */
@Injectable()
export class WorkspaceGuard implements CanActivate {
  constructor(
    private readonly states: StateCache,
    private readonly reflector: Reflector,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const permission = this.reflector.get<Permission>(ROUTE_PERMISSION, context.getHandler());
    const caller = assertCaller(await this.states.get(currentStateKey()), permission, this.clock.now());
    if (permission.startsWith('agentRuns:')) assertEngineToken(caller.principal.tokenKind);
    rememberRight({ caller, permission });
    return true;
  }
}

/** Runs of the internal API are the workflow engine's and a signed-in person's (API.md). Throws forbidden for other tokens. */
export function assertEngineToken(kind: TokenKind | undefined): void {
  if (kind === undefined || kind === 'engine') return;
  throw new ClavigerError(
    'forbidden',
    `A token of kind "${kind}" runs no agents here: use one of kind "engine" (clv_eng_…), or a session. An OWNER or ADMIN can issue one under Settings → Tokens.`,
  );
}
