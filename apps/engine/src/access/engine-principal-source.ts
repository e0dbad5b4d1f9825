import { Inject, Injectable } from '@nestjs/common';
import type { Account, Authenticated, PrincipalSource } from '#lib/access';
import type { AuthorisedState } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { sha256 } from '#lib/kernel';
import { StateCache } from '../keys/state-cache.js';
import { CLOCK } from '../tokens.js';
import { accountOf, assertVisible, authenticated } from './caller.js';
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
    return this.visible(state, accountOf(state, sessionToken));
  }

  async byToken(tokenHash: Buffer): Promise<Authenticated | null> {
    const stateKey = { workspaceId: currentWorkspaceId(), principal: { tokenHash } };
    const state = await this.states.get(stateKey);
    rememberStateKey(stateKey);
    return this.visible(state, null);
  }

  private visible(state: AuthorisedState, account: Account | null): Authenticated | null {
    const now = this.clock.now();
    const found = authenticated(state, now, account);
    if (found?.principal) assertVisible(state, found.principal, now);
    return found;
  }
}
