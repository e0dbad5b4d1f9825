import type { OrgRole, PermissionStatement, RateLimits } from '#lib/contracts';
import type { TokenKind } from '#lib/kernel';

export interface Token {
  id: string;
  name: string;
  kind: TokenKind;
  workspaceId: string | null;
  ownerMemberId: string;
  permissions: PermissionStatement[] | null;
  limits: RateLimits | null;
  prefix: string;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
  createdAt: Date;
}

/** Whether the token still opens anything. */
export function isLive(token: Pick<Token, 'revokedAt' | 'expiresAt'>, now: Date): boolean {
  return token.revokedAt === null && (token.expiresAt === null || token.expiresAt > now);
}

/** The earlier of two ends; null is never. */
export function earlier(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

/** An OWNER may end any token, an ADMIN any but an OWNER's; everybody their own. */
export function mayRevoke(
  actor: { memberId: string; role: OrgRole },
  owner: { memberId: string; role: OrgRole },
): boolean {
  return (
    actor.memberId === owner.memberId ||
    actor.role === 'OWNER' ||
    (actor.role === 'ADMIN' && owner.role !== 'OWNER')
  );
}
