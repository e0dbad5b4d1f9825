import { Inject, Injectable } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import { ClavigerError, type Permission, type StateKey } from '#lib/contracts';
import { requestContext } from '#lib/http';
import { bearerHash, type Clock } from '#lib/kernel';
import { assertCaller, authenticated, type Caller } from '../access/caller.js';
import { StateCache } from '../keys/state-cache.js';
import { CLOCK } from '../tokens.js';
import { noToken, presentedToken } from './credential.js';

/** Who calls, and the question that the fence repeats. */
export interface Entered {
  caller: Caller;
  stateKey: StateKey;
}

const KINDS = { api: 'the control plane (/api/v1)', engine: 'the internal API (/internal/v1)' };

/** Lets tokens of kind `workspace` in, into the one workspace that they were made for. */
@Injectable()
export class Entrance {
  constructor(
    private readonly states: StateCache,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ClavigerError unauthenticated, forbidden, not_found, overloaded */
  async enter(headers: IncomingHttpHeaders, permission: Permission): Promise<Entered> {
    const hash = bearerHash(presentedToken(headers));
    if (!hash) throw noToken();
    const stateKey: StateKey = { workspaceId: null, principal: { tokenHash: hash } };
    const state = this.states.peek(stateKey) ?? (await this.states.get(stateKey));
    const now = this.clock.now();
    const found = authenticated(state, now, null);
    if (!found) throw noToken();
    const { principal } = found;
    if (principal?.tokenKind !== undefined && principal.tokenKind !== 'workspace')
      throw otherKind(principal.tokenKind);
    const caller = assertCaller(state, permission, now);
    requestContext.setCaller({ actor: caller.actor, orgId: caller.orgId });
    return { caller, stateKey };
  }
}

function otherKind(kind: 'api' | 'engine'): ClavigerError {
  return new ClavigerError(
    'forbidden',
    `A token of kind "${kind}" is for ${KINDS[kind]}. These endpoints take a workspace token (clv_ws_…), which an OWNER or ADMIN issues under Settings → Tokens.`,
  );
}
