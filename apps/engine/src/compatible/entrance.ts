import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { IncomingHttpHeaders } from 'node:http';
import { ClavigerError, type AuthorisedState, type Permission, type StateKey } from '#lib/contracts';
import { requestContext } from '#lib/http';
import { bearerHash, sha256OfText, type Clock } from '#lib/kernel';
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

/** For so long equal calls are let in as the last one was: what opens or closes by the clock does so at most this much later (ADR 0036). */
const STANDS_MS = 100;
const MOST_KEYS = 10_000;

interface Standing {
  entered: Entered;
  atMs: number;
}

/** Lets tokens of kind `workspace` in, into the one workspace that they were made for. */
@Injectable()
export class Entrance {
  /** The questions of callers that were let in, by the hash of their token: whoever is there presented a token of the right form. */
  readonly #keys = new LRUCache<string, StateKey>({ max: MOST_KEYS });
  readonly #standing = new WeakMap<AuthorisedState, Map<Permission, Standing>>();

  constructor(
    private readonly states: StateCache,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** As `enter`, without waiting: undefined where the database must be asked. */
  atHand(headers: IncomingHttpHeaders, permission: Permission): Entered | undefined {
    const token = presentedToken(headers);
    const stateKey = this.#keys.get(nameOf(token));
    const state = stateKey && this.states.peek(stateKey);
    return state && this.#entered(state, stateKey, permission);
  }

  /** @throws ClavigerError unauthenticated, forbidden, not_found, overloaded */
  async enter(headers: IncomingHttpHeaders, permission: Permission): Promise<Entered> {
    const token = presentedToken(headers);
    const tokenHash = bearerHash(token);
    if (!tokenHash) throw noToken();
    const stateKey = this.#keys.get(nameOf(token)) ?? { workspaceId: null, principal: { tokenHash } };
    const entered = this.#entered(await this.states.get(stateKey), stateKey, permission);
    this.#keys.set(nameOf(token), stateKey);
    return entered;
  }

  #entered(state: AuthorisedState, stateKey: StateKey, permission: Permission): Entered {
    const now = this.clock.now();
    let standing = this.#standing.get(state);
    if (!standing) this.#standing.set(state, (standing = new Map<Permission, Standing>()));
    const known = standing.get(permission);
    const ageMs = known ? now.getTime() - known.atMs : -1;
    const stands =
      known !== undefined && ageMs >= 0 && ageMs < STANDS_MS && known.entered.stateKey === stateKey;
    const entered = stands ? known.entered : { caller: callerOf(state, permission, now), stateKey };
    if (!stands) standing.set(permission, { entered, atMs: now.getTime() });
    const { actor, orgId } = entered.caller;
    requestContext.setCaller({ actor, orgId });
    return entered;
  }
}

function callerOf(state: AuthorisedState, permission: Permission, now: Date): Caller {
  const found = authenticated(state, now, null);
  if (!found) throw noToken();
  const { principal } = found;
  if (principal?.tokenKind !== undefined && principal.tokenKind !== 'workspace')
    throw otherKind(principal.tokenKind);
  return assertCaller(state, permission, now);
}

function nameOf(token: string): string {
  return sha256OfText(token).toString('latin1');
}

function otherKind(kind: 'api' | 'engine'): ClavigerError {
  return new ClavigerError(
    'forbidden',
    `A token of kind "${kind}" is for ${KINDS[kind]}. These endpoints take a workspace token (clv_ws_…), which an OWNER or ADMIN issues under Settings → Tokens.`,
  );
}
