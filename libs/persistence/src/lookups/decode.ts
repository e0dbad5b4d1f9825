import { fromUuid } from '#lib/kernel';
import type {
  InviteRow,
  MemberFacts,
  OrgFacts,
  SessionListRow,
  SessionRow,
  TokenRow,
  UserFacts,
} from './rows.js';

/** What a row looks like in the JSON of a look-up function: dates as text, bytes as hex, ids as uuids. */
type Json<T> = {
  [K in keyof T]: T[K] extends Date ? string : T[K] extends Date | null ? string | null : T[K];
};
export type SessionJson = Json<Omit<SessionRow, 'csrfHash'>> & { csrfHash: string };
export type TokenJson = Json<TokenRow>;
export type InviteJson = Json<InviteRow>;
export type SessionListJson = Json<SessionListRow>;

export function sessionOf(json: SessionJson): SessionRow {
  return {
    id: fromUuid('ses', json.id),
    csrfHash: Buffer.from(json.csrfHash, 'hex'),
    createdAt: new Date(json.createdAt),
    lastSeenAt: new Date(json.lastSeenAt),
    expiresAt: new Date(json.expiresAt),
    user: userOf(json.user),
    org: json.org && orgOf(json.org),
    member: json.member && memberOf(json.member),
  };
}

export function tokenOf(json: TokenJson): TokenRow {
  return {
    id: fromUuid('tok', json.id),
    name: json.name,
    kind: json.kind,
    workspaceId: json.workspaceId && fromUuid('ws', json.workspaceId),
    permissions: json.permissions,
    expiresAt: dateOrNull(json.expiresAt),
    revokedAt: dateOrNull(json.revokedAt),
    lastUsedAt: dateOrNull(json.lastUsedAt),
    user: userOf(json.user),
    org: orgOf(json.org),
    member: memberOf(json.member),
  };
}

export function inviteOf(json: InviteJson): InviteRow {
  return {
    ...json,
    id: fromUuid('inv', json.id),
    expiresAt: dateOrNull(json.expiresAt),
    org: orgOf(json.org),
  };
}

export function listedSessionOf(json: SessionListJson): SessionListRow {
  return {
    ...json,
    id: fromUuid('ses', json.id),
    createdAt: new Date(json.createdAt),
    lastSeenAt: new Date(json.lastSeenAt),
    expiresAt: new Date(json.expiresAt),
  };
}

export function orgOf<T extends OrgFacts>(json: T): T {
  return { ...json, id: fromUuid('org', json.id) };
}

function userOf(json: UserFacts): UserFacts {
  return { ...json, id: fromUuid('usr', json.id) };
}

function memberOf(json: MemberFacts): MemberFacts {
  return {
    ...json,
    id: fromUuid('mem', json.id),
    grants: json.grants.map((grant) => ({ ...grant, workspaceId: fromUuid('ws', grant.workspaceId) })),
  };
}

function dateOrNull(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
