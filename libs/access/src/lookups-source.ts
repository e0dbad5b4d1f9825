import { ClavigerError } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { sha256 } from '#lib/kernel';
import type { Lookups, MemberFacts, SessionRow, TokenRow } from '#lib/persistence';
import type { Authenticated, Principal } from './principal.js';
import type { PrincipalSource } from './principal-source.js';
import { csrfTokenFor } from './session-cookie.js';

type UsedLookups = Pick<Lookups, 'session' | 'token' | 'touchSession' | 'touchToken'>;

const TOUCH_EVERY_MS = 60_000;

/** The control plane's principal source: every request asks the database, so that what was revoked is so at once. */
export class LookupsPrincipalSource implements PrincipalSource {
  constructor(
    private readonly lookups: UsedLookups,
    private readonly clock: Clock,
  ) {}

  async bySession(sessionToken: string): Promise<Authenticated | null> {
    const row = await this.lookups.session(sha256(sessionToken));
    if (!row) return null;
    if (this.isDue(row.lastSeenAt)) await this.lookups.touchSession(row.id);
    const { user, org, member } = row;
    return {
      account: {
        userId: user.id,
        email: user.email,
        name: user.name,
        sessionId: row.id,
        csrfToken: csrfTokenFor(sessionToken),
        activeOrgId: org?.id ?? null,
      },
      principal: sessionPrincipal(row),
      pending: member?.status === 'pending',
    };
  }

  async byToken(tokenHash: Buffer): Promise<Authenticated | null> {
    const row = await this.lookups.token(tokenHash);
    if (!row || row.member.status !== 'active') return null;
    assertAlive(row, this.clock.now());
    if (this.isDue(row.lastUsedAt)) await this.lookups.touchToken(row.org.id, row.id);
    return { account: null, principal: tokenPrincipal(row) };
  }

  private isDue(last: Date | null): boolean {
    return last === null || this.clock.now().getTime() - last.getTime() > TOUCH_EVERY_MS;
  }
}

/** Who presents a token that was good once has had it: the reason gives nothing away. */
function assertAlive({ revokedAt, expiresAt }: TokenRow, now: Date): void {
  const over =
    revokedAt !== null ? 'was revoked' : expiresAt !== null && expiresAt <= now ? 'has expired' : undefined;
  if (over === undefined) return;
  throw new ClavigerError(
    'unauthenticated',
    `This token ${over}. An OWNER or ADMIN can issue another one under Settings → Tokens.`,
  );
}

function sessionPrincipal({ user, org, member }: SessionRow): Principal | null {
  if (!org || member?.status !== 'active') return null;
  return { kind: 'session', userId: user.id, orgId: org.id, ...membership(member) };
}

function tokenPrincipal(row: TokenRow): Principal {
  return {
    kind: 'token',
    userId: row.user.id,
    orgId: row.org.id,
    ...membership(row.member),
    tokenId: row.id,
    tokenKind: row.kind,
    tokenExpiresAt: row.expiresAt,
    permissions: row.permissions,
    ...(row.workspaceId === null ? {} : { workspaceId: row.workspaceId }),
  };
}

function membership({
  id,
  role,
  grants,
  beyondPlan,
}: MemberFacts): Pick<Principal, 'memberId' | 'role' | 'grants' | 'beyondPlan'> {
  return {
    memberId: id,
    role,
    beyondPlan,
    grants: new Map(grants.map(({ workspaceId, ...grant }) => [workspaceId, grant])),
  };
}
