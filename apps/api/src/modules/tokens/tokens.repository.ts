import { Injectable } from '@nestjs/common';
import type { OrgRole, PermissionStatement, RateLimits } from '#lib/contracts';
import { fromUuid, toUuid, type TokenKind } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { PageWindow } from '../../common/paging.js';
import type { Token } from './token.js';

type NewToken = Pick<
  Token,
  'id' | 'name' | 'kind' | 'workspaceId' | 'ownerMemberId' | 'permissions' | 'limits' | 'prefix' | 'expiresAt'
> & {
  tokenHash: Buffer;
  /** Whom it takes the place of, and who made it: what covers them covers it. First made first. */
  ancestors: string[];
};

interface TokenRow extends Omit<Token, 'kind' | 'permissions' | 'limits'> {
  kind: string;
  permissions: unknown;
  limits: unknown;
}

/** What binds whatever a token makes: the limits of the token and, first made first, the ids of its line up to itself. */
export interface Maker {
  limits: RateLimits | null;
  line: string[];
}

@Injectable()
export class TokensRepository {
  async list(tx: TenantTx, { take, afterId }: PageWindow): Promise<Token[]> {
    const where = afterId === undefined ? {} : { id: { gt: toUuid(afterId) } };
    return (await tx.token.findMany({ where, take, orderBy: { id: 'asc' } })).map(tokenOf);
  }

  /** The token with its owner's current role, locked: rolling and revoking the same one queue up here. */
  async findLocked(
    tx: TenantTx,
    orgId: string,
    id: string,
  ): Promise<{ token: Token; ownerRole: OrgRole } | null> {
    await tx.$queryRaw`SELECT 1 FROM tokens WHERE org_id = ${toUuid(orgId)}::uuid AND id = ${toUuid(id)}::uuid FOR UPDATE`;
    const row = await tx.token.findUnique({ where: key(orgId, id) });
    if (!row) return null;
    const where = { orgId_id: { orgId: row.orgId, id: row.ownerMemberId } };
    const owner = await tx.member.findUniqueOrThrow({ where, select: { role: true } });
    return { token: tokenOf(row), ownerRole: owner.role as OrgRole };
  }

  async insert(tx: TenantTx, orgId: string, token: NewToken): Promise<Token> {
    const { permissions, limits, workspaceId, tokenHash, ancestors, ...rest } = token;
    const row = await tx.token.create({
      data: {
        ...rest,
        orgId: toUuid(orgId),
        id: toUuid(token.id),
        ownerMemberId: toUuid(token.ownerMemberId),
        workspaceId: workspaceId === null ? null : toUuid(workspaceId),
        tokenHash: new Uint8Array(tokenHash),
        ancestors: ancestors.map(toUuid),
        ...(permissions === null ? {} : { permissions: permissions.map((statement) => ({ ...statement })) }),
        ...(limits === null ? {} : { limits: { ...limits } }),
      },
    });
    return tokenOf(row);
  }

  async maker(tx: TenantTx, orgId: string, id: string): Promise<Maker | null> {
    const row = await tx.token.findUnique({
      where: key(orgId, id),
      select: { limits: true, ancestors: true },
    });
    if (!row) return null;
    const line = [...row.ancestors.map((uuid) => fromUuid('tok', uuid)), id];
    return { limits: row.limits as RateLimits | null, line };
  }

  async end(
    tx: TenantTx,
    orgId: string,
    id: string,
    data: { revokedAt?: Date; expiresAt?: Date | null },
  ): Promise<void> {
    await tx.token.update({ where: key(orgId, id), data });
  }

  async workspaceExists(tx: TenantTx, orgId: string, workspaceId: string): Promise<boolean> {
    const where = { orgId_id: { orgId: toUuid(orgId), id: toUuid(workspaceId) } };
    return (await tx.workspace.findUnique({ where, select: { id: true } })) !== null;
  }
}

function key(orgId: string, id: string): { orgId_id: { orgId: string; id: string } } {
  return { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } };
}

function tokenOf(row: TokenRow): Token {
  const { name, prefix, expiresAt, revokedAt, lastUsedAt, createdAt } = row;
  return {
    id: fromUuid('tok', row.id),
    name,
    kind: row.kind as TokenKind,
    workspaceId: row.workspaceId === null ? null : fromUuid('ws', row.workspaceId),
    ownerMemberId: fromUuid('mem', row.ownerMemberId),
    permissions: row.permissions as PermissionStatement[] | null,
    limits: row.limits as RateLimits | null,
    prefix,
    expiresAt,
    revokedAt,
    lastUsedAt,
    createdAt,
  };
}
