import { Inject, Injectable } from '@nestjs/common';
import { seesWorkspace, type Authenticated, type PrincipalSource } from '#lib/access';
import { notFound, type AuthorisedState } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { sha256 } from '#lib/kernel';
import { StateCache } from '../keys/state-cache.js';
import { CLOCK } from '../tokens.js';
import { accountOf, authenticated } from './caller.js';
import { currentWorkspaceId, rememberStateKey } from './call-context.js';

/** Looks callers up in the authorised state: the one query that authenticates also says what the workspace may use. */
@Injectable()
export class EnginePrincipalSource implements PrincipalSource {
  constructor(
    private readonly states: StateCache,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async bySession(sessionToken: string): Promise<Authenticated | null> {
    const sessionHash = sha256(sessionToken);
    const stateKey = { workspaceId: currentWorkspaceId(), principal: { sessionHash } };
    const state = await this.states.get(stateKey);
    rememberStateKey(stateKey);
    return visible(state, authenticated(state, this.clock.now(), accountOf(state, sessionToken)));
  }

  async byToken(tokenHash: Buffer): Promise<Authenticated | null> {
    const stateKey = { workspaceId: currentWorkspaceId(), principal: { tokenHash } };
    const state = await this.states.get(stateKey);
    rememberStateKey(stateKey);
    return visible(state, authenticated(state, this.clock.now(), null));
  }
}

/** A workspace that the caller may not know of is the same 404 as none, before rights are spoken of (PRODUCT #7). */
function visible({ workspace }: AuthorisedState, found: Authenticated | null): Authenticated | null {
  if (found?.principal && !(workspace && seesWorkspace(found.principal, workspace.id))) throw notFound();
  return found;
}
