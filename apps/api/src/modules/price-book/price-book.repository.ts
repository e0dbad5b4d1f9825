import { Injectable } from '@nestjs/common';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import { lockOrg } from '../../common/lock-org.js';
import type { PageWindow } from '../../common/paging.js';

export interface PriceOverride {
  id: string;
  provider: string;
  model: string;
  inputMicroUsdPerMTok: number;
  outputMicroUsdPerMTok: number;
  cachedInputMicroUsdPerMTok: number | null;
  effectiveFrom: Date;
  createdAt: Date;
}

interface Row {
  id: string;
  provider: string;
  model: string;
  inputMicroUsdPerMtok: bigint;
  outputMicroUsdPerMtok: bigint;
  cachedInputMicroUsdPerMtok: bigint | null;
  effectiveFrom: Date;
  createdAt: Date;
}

@Injectable()
export class PriceBookRepository {
  async list(tx: TenantTx, orgId: string, { take, afterId }: PageWindow): Promise<PriceOverride[]> {
    const rows = await tx.priceOverride.findMany({
      where: { orgId: toUuid(orgId), ...(afterId === undefined ? {} : { id: { gt: toUuid(afterId) } }) },
      orderBy: { id: 'asc' },
      take,
    });
    return rows.map(overrideOf);
  }

  /** Until the end of the transaction no other request counts or adds: the count stays true. */
  async countLocked(tx: TenantTx, orgId: string): Promise<number> {
    await lockOrg(tx, orgId);
    return tx.priceOverride.count({ where: { orgId: toUuid(orgId) } });
  }

  async find(tx: TenantTx, orgId: string, id: string): Promise<PriceOverride | null> {
    const row = await tx.priceOverride.findUnique({ where: key(orgId, id) });
    return row && overrideOf(row);
  }

  /** False: the model has a price from this moment on already. */
  async insert(tx: TenantTx, orgId: string, price: PriceOverride): Promise<boolean> {
    const { id, provider, model, effectiveFrom, createdAt } = price;
    const { count } = await tx.priceOverride.createMany({
      data: {
        ...{ orgId: toUuid(orgId), id: toUuid(id), provider, model, effectiveFrom, createdAt },
        inputMicroUsdPerMtok: price.inputMicroUsdPerMTok,
        outputMicroUsdPerMtok: price.outputMicroUsdPerMTok,
        cachedInputMicroUsdPerMtok: price.cachedInputMicroUsdPerMTok,
      },
      skipDuplicates: true,
    });
    return count === 1;
  }

  /** The name of a budget of one of these tokens; null: none of them has one. */
  async budgetOf(tx: TenantTx, orgId: string, tokenIds: string[]): Promise<string | null> {
    const row = await tx.quota.findFirst({
      where: { orgId: toUuid(orgId), metric: 'cost_micro_usd', tokenId: { in: tokenIds.map(toUuid) } },
      orderBy: { id: 'asc' },
      select: { name: true },
    });
    return row?.name ?? null;
  }

  async delete(tx: TenantTx, orgId: string, id: string): Promise<void> {
    await tx.priceOverride.delete({ where: key(orgId, id) });
  }
}

function key(orgId: string, id: string) {
  return { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } };
}

function overrideOf({ id, provider, model, effectiveFrom, createdAt, ...row }: Row): PriceOverride {
  return {
    ...{ id: fromUuid('prc', id), provider, model, effectiveFrom, createdAt },
    inputMicroUsdPerMTok: Number(row.inputMicroUsdPerMtok),
    outputMicroUsdPerMTok: Number(row.outputMicroUsdPerMtok),
    cachedInputMicroUsdPerMTok:
      row.cachedInputMicroUsdPerMtok === null ? null : Number(row.cachedInputMicroUsdPerMtok),
  };
}
