import type { Principal } from '#lib/access';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';

/** The tokens that a token was rolled from or made by, first made first, and itself. */
export async function tokenLine(tx: TenantTx, orgId: string, id: string): Promise<string[]> {
  const where = { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } };
  const row = await tx.token.findUnique({ where, select: { ancestors: true } });
  return [...(row?.ancestors ?? []).map((uuid) => fromUuid('tok', uuid)), id];
}

/** Whether something of this scope is for the token that the caller came with, or for one that it comes from. */
export async function isForOwnLine(
  tx: TenantTx,
  { orgId, tokenId }: Principal,
  scope: { type: string; id?: string },
): Promise<boolean> {
  if (tokenId === undefined || scope.type !== 'token' || scope.id === undefined) return false;
  return (await tokenLine(tx, orgId, tokenId)).includes(scope.id);
}
