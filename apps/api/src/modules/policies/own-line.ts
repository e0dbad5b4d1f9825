import type { Principal } from '#lib/access';
import type { Policy } from '#lib/contracts';
import type { TenantTx } from '#lib/persistence';
import { isForOwnLine, tokenLine } from '../../common/token-line.js';
import { ownException, ownPolicy } from './policies.errors.js';

// Who comes with a token does not undo what holds for that token: not for itself, and not for one of its own line.

/** Throws forbidden for a policy that is for the caller's token or for one that it comes from. */
export async function assertMayChange(tx: TenantTx, principal: Principal, { scope }: Policy): Promise<void> {
  if (await isForOwnLine(tx, principal, scope)) throw ownPolicy();
}

/** Throws forbidden for an exception for a token of the caller's line, up or down. */
export async function assertMayExcept(
  tx: TenantTx,
  { orgId, tokenId }: Principal,
  subject: string | null,
): Promise<void> {
  if (tokenId === undefined || subject === null) return;
  const up = await tokenLine(tx, orgId, tokenId);
  const down = await tokenLine(tx, orgId, subject);
  if (up.includes(subject) || down.includes(tokenId)) throw ownException();
}
