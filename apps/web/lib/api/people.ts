import {
  invitesCreate,
  invitesList,
  invitesRemove,
  invitesUpdate,
  membersApprove,
  membersList,
  membersRemove,
  membersUpdate,
  tokensCreate,
  tokensList,
  tokensRevoke,
  tokensRoll,
} from '../generated/api/sdk.gen';
import { answer, done } from './http';
import { allPages } from './paging';
import type { CreatedToken, Invite, Member, OrgRole, RateLimits, Token, TokenKind } from './types';

/** How long the old token stays good after a roll: a day to exchange it in. */
const OVERLAP_SECONDS = 86_400;

export function listMembers(): Promise<Member[]> {
  return allPages((cursor) => answer(membersList({ query: { limit: 200, cursor } })));
}

export function changeRole(id: string, role: OrgRole): Promise<Member> {
  return answer(membersUpdate({ path: { id }, body: { role } }));
}

export function approveMember(id: string): Promise<Member> {
  return answer(membersApprove({ path: { id }, body: {} }));
}

export function removeMember(id: string): Promise<void> {
  return done(membersRemove({ path: { id } }));
}

export function listInvites(): Promise<Invite[]> {
  return allPages((cursor) => answer(invitesList({ query: { limit: 200, cursor } })));
}

export function createInvite(role: OrgRole) {
  return answer(invitesCreate({ body: { role } }));
}

export function switchInvite(id: string, enabled: boolean): Promise<Invite> {
  return answer(invitesUpdate({ path: { id }, body: { enabled } }));
}

export function deleteInvite(id: string): Promise<void> {
  return done(invitesRemove({ path: { id } }));
}

export function listTokens(): Promise<Token[]> {
  return allPages((cursor) => answer(tokensList({ query: { limit: 200, cursor } })));
}

export interface NewToken {
  name: string;
  kind: TokenKind;
  workspaceId?: string;
  expiresAt?: string;
  limits?: RateLimits;
}

export function createToken(body: NewToken): Promise<CreatedToken> {
  return answer(tokensCreate({ body }));
}

export function revokeToken(id: string): Promise<void> {
  return done(tokensRevoke({ path: { id } }));
}

export function rollToken(id: string): Promise<CreatedToken> {
  return answer(tokensRoll({ path: { id }, body: { overlapSeconds: OVERLAP_SECONDS } }));
}
