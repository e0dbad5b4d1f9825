import { Inject, Injectable } from '@nestjs/common';
import { seesWorkspace, type Principal } from '#lib/access';
import { notFound } from '#lib/contracts';
import { toPage, type Page, type PageQuery } from '#lib/http';
import { isId, issueToken, newId, type Clock } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { coveredRows } from '../../common/covered-rows.js';
import { pageWindow } from '../../common/paging.js';
import { recordChange } from '../../common/record-change.js';
import { CLOCK } from '../../common/tokens.js';
import { boundLimits, lineOf } from './bound-by-maker.js';
import { toStatement } from './permission-action.js';
import { earlier, isLive, mayRevoke, type Token } from './token.js';
import type { CreatedTokenDto, CreateTokenDto, TokenDto } from './tokens.dto.js';
import {
  expiresInThePast,
  notLive,
  notYours,
  outlivesItsMaker,
  restrictedMaker,
  workspaceNeeded,
} from './tokens.errors.js';
import { TokensRepository, type Maker } from './tokens.repository.js';

type TokenSettings = Pick<
  Token,
  'name' | 'kind' | 'workspaceId' | 'ownerMemberId' | 'permissions' | 'limits' | 'expiresAt'
>;

@Injectable()
export class TokensService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: TokensRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(principal: Principal, query: PageQuery): Promise<Page<TokenDto>> {
    const window = pageWindow('tok', query);
    const rows = await this.db.withOrg(principal.orgId, (tx) =>
      coveredRows(principal, 'tokens:ListTokens', window, (part) => this.repository.list(tx, part)),
    );
    return toPage(rows, query.limit, (row) => row.id, dtoOf);
  }

  /** Makes a token whose rights are its own ∩ its owner's current ones. The token itself is in this answer only. */
  async create(principal: Principal, input: CreateTokenDto): Promise<CreatedTokenDto> {
    assertMayMake(principal);
    const { name, kind } = input;
    const permissions = input.permissions?.map(toStatement) ?? null;
    const workspaceId = input.workspaceId ?? null;
    if (kind === 'workspace' && workspaceId === null) throw workspaceNeeded();
    const expiresAt = this.expiry(principal, input.expiresAt);
    return this.db.withOrg(principal.orgId, async (tx) => {
      if (workspaceId !== null) await this.assertWorkspaceSeen(tx, principal, workspaceId);
      const maker = await this.maker(tx, principal);
      const limits = boundLimits(input.limits ?? null, maker.limits);
      const ownerMemberId = principal.memberId;
      const settings = { name, kind, workspaceId, ownerMemberId, permissions, limits, expiresAt };
      return this.issue(tx, principal, settings, maker.line, 'tokens:CreateToken', {});
    });
  }

  /** Replaces a token by one with the same settings; the old one stays good for `overlapSeconds`. Its owner's alone. */
  async roll(principal: Principal, id: string, overlapSeconds: number): Promise<CreatedTokenDto> {
    if (!isId('tok', id)) throw notFound();
    assertMayMake(principal);
    return this.db.withOrg(principal.orgId, async (tx) => {
      const found = await this.repository.findLocked(tx, principal.orgId, id);
      if (!found) throw notFound();
      if (found.token.ownerMemberId !== principal.memberId) throw notYours();
      const maker = await this.maker(tx, principal);
      const limits = boundLimits(found.token.limits, maker.limits);
      const replaced = await this.repository.maker(tx, principal.orgId, id);
      const line = lineOf(maker.line, replaced?.line ?? [id]);
      const now = this.clock.now();
      if (!isLive(found.token, now)) throw notLive();
      const end = earlier(found.token.expiresAt, new Date(now.getTime() + overlapSeconds * 1000));
      await this.repository.end(
        tx,
        principal.orgId,
        id,
        overlapSeconds === 0 ? { revokedAt: now } : { expiresAt: end },
      );
      const settings = {
        ...found.token,
        limits,
        expiresAt: earlier(found.token.expiresAt, principal.tokenExpiresAt ?? null),
      };
      return this.issue(tx, principal, settings, line, 'tokens:RollToken', {
        replaces: id,
        overlapSeconds,
      });
    });
  }

  /** Ends a token for good. Again is no error: what was asked for holds. */
  async revoke(principal: Principal, id: string): Promise<void> {
    if (!isId('tok', id)) throw notFound();
    await this.db.withOrg(principal.orgId, async (tx) => {
      const found = await this.repository.findLocked(tx, principal.orgId, id);
      if (!found) throw notFound();
      const { token, ownerRole } = found;
      if (!mayRevoke(principal, { memberId: token.ownerMemberId, role: ownerRole })) throw notYours();
      if (token.revokedAt !== null) return;
      await this.repository.end(tx, principal.orgId, id, { revokedAt: this.clock.now() });
      await recordChange(tx, principal, {
        action: 'tokens:RevokeToken',
        target: id,
        change: { name: token.name, kind: token.kind },
        topic: 'token.revoked',
        ids: { tokenId: id },
      });
    });
  }

  private async issue(
    tx: TenantTx,
    principal: Principal,
    settings: TokenSettings,
    ancestors: string[],
    action: string,
    change: Record<string, unknown>,
  ): Promise<CreatedTokenDto> {
    const id = newId('tok');
    const { token, prefix, hash } = issueToken(settings.kind, id);
    const { name, kind, workspaceId, ownerMemberId, permissions, limits, expiresAt } = settings;
    const row = {
      id,
      name,
      kind,
      workspaceId,
      ownerMemberId,
      permissions,
      limits,
      expiresAt,
      prefix,
      tokenHash: hash,
      ancestors,
    };
    const made = await this.repository.insert(tx, principal.orgId, row);
    const told = {
      name,
      kind,
      workspaceId,
      permissions,
      ...(limits === null ? {} : { limits }),
      expiresAt: expiresAt?.toISOString() ?? null,
      ...change,
    };
    await recordChange(tx, principal, {
      action,
      target: id,
      change: told,
      topic: 'token.created',
      ids: { tokenId: id },
    });
    return { ...dtoOf(made), token };
  }

  /** Whoever signed in is bound by no token. */
  private async maker(tx: TenantTx, { orgId, tokenId }: Principal): Promise<Maker> {
    if (tokenId === undefined) return { limits: null, line: [] };
    const maker = await this.repository.maker(tx, orgId, tokenId);
    if (!maker) throw notFound();
    return maker;
  }

  private async assertWorkspaceSeen(tx: TenantTx, principal: Principal, workspaceId: string): Promise<void> {
    const seen = isId('ws', workspaceId) && seesWorkspace(principal, workspaceId);
    if (!seen || !(await this.repository.workspaceExists(tx, principal.orgId, workspaceId))) throw notFound();
  }

  private expiry(principal: Principal, text: string | undefined): Date | null {
    const expiresAt = text === undefined ? null : new Date(text);
    if (expiresAt && expiresAt <= this.clock.now()) throw expiresInThePast();
    const end = principal.tokenExpiresAt;
    if (end && (expiresAt === null || expiresAt > end)) throw outlivesItsMaker(end);
    return expiresAt;
  }
}

/** A token may not make tokens that could do more than itself; only one without restrictions of its own cannot. */
function assertMayMake(principal: Principal): void {
  if (principal.permissions || principal.workspaceId !== undefined) throw restrictedMaker();
}

function dtoOf({ expiresAt, revokedAt, lastUsedAt, createdAt, ...token }: Token): TokenDto {
  const iso = (date: Date | null): string | null => date?.toISOString() ?? null;
  return {
    ...token,
    expiresAt: iso(expiresAt),
    revokedAt: iso(revokedAt),
    lastUsedAt: iso(lastUsedAt),
    createdAt: createdAt.toISOString(),
  };
}
