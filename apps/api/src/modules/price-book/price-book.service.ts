import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { ClavigerError, notFound } from '#lib/contracts';
import { toPage, validationFailed, type PageQuery } from '#lib/http';
import { isId, newId, type Clock } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { coveredRows } from '../../common/covered-rows.js';
import { pageWindow } from '../../common/paging.js';
import { recordChange } from '../../common/record-change.js';
import { tokenLine } from '../../common/token-line.js';
import { CLOCK } from '../../common/tokens.js';
import { CatalogueSource } from '../catalog/index.js';
import type { CreatePriceOverrideDto, PriceOverrideDto, PriceOverridePageDto } from './price-book.dto.js';
import { PriceBookRepository, type PriceOverride } from './price-book.repository.js';

/** Those that hold are read with every authorisation. */
const MAX_OVERRIDES = 500;
/** How far back "now" may be: the caller's clock is not ours. */
const LATE_MS = 60_000;

/** What an organization pays where it is not the list price (PRODUCT #53). */
@Injectable()
export class PriceBookService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: PriceBookRepository,
    private readonly catalogue: CatalogueSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(principal: Principal, query: PageQuery): Promise<PriceOverridePageDto> {
    const { orgId } = principal;
    const window = pageWindow('prc', query);
    return this.db.withOrg(orgId, async (tx) => {
      const rows = await coveredRows(principal, 'aiProviders:GetAiProviderPrices', window, (part) =>
        this.repository.list(tx, orgId, part),
      );
      return toPage(rows, query.limit, ({ id }) => id, dtoOf);
    });
  }

  /** Throws validation_failed, conflict, and forbidden for a token that is under a budget. */
  async create(principal: Principal, sent: CreatePriceOverrideDto): Promise<PriceOverrideDto> {
    const { orgId } = principal;
    const now = this.clock.now();
    const effectiveFrom = sent.effectiveFrom === undefined ? now : new Date(sent.effectiveFrom);
    if (effectiveFrom.getTime() < now.getTime() - LATE_MS)
      throw validationFailed([
        {
          pointer: '/effectiveFrom',
          detail:
            'A price cannot begin in the past: receipts keep the price that they were made with. Leave it out for now.',
        },
      ]);
    const { provider, model, inputMicroUsdPerMTok, outputMicroUsdPerMTok } = sent;
    const cachedInputMicroUsdPerMTok = sent.cachedInputMicroUsdPerMTok ?? null;
    const figures = { inputMicroUsdPerMTok, outputMicroUsdPerMTok, cachedInputMicroUsdPerMTok };
    const price: PriceOverride = {
      id: newId('prc'),
      provider,
      model,
      ...figures,
      effectiveFrom,
      createdAt: now,
    };
    await this.db.withOrg(orgId, async (tx) => {
      await this.assertMayPrice(tx, principal);
      const catalogue = await this.catalogue.current(tx);
      if (!catalogue.provider(provider)) {
        const valid = catalogue.providers.map(({ slug }) => slug).join(', ');
        throw validationFailed([
          { pointer: '/provider', detail: `There is no such provider. Use one of: ${valid}.` },
        ]);
      }
      if ((await this.repository.countLocked(tx, orgId)) >= MAX_OVERRIDES) throw tooMany();
      if (!(await this.repository.insert(tx, orgId, price))) throw sameMoment();
      await recordChange(tx, principal, {
        action: 'aiProviders:ManageAiProviderPrices',
        target: price.id,
        change: { provider, model, ...figures, effectiveFrom: effectiveFrom.toISOString() },
        topic: 'price-override.created',
        ids: { priceOverrideId: price.id },
      });
    });
    return dtoOf(price);
  }

  async delete(principal: Principal, id: string): Promise<void> {
    const { orgId } = principal;
    if (!isId('prc', id)) throw notFound();
    await this.db.withOrg(orgId, async (tx) => {
      const price = await this.repository.find(tx, orgId, id);
      if (!price) throw notFound();
      await this.assertMayPrice(tx, principal);
      await this.repository.delete(tx, orgId, id);
      const { effectiveFrom, createdAt: _, ...change } = price;
      await recordChange(tx, principal, {
        action: 'aiProviders:ManageAiProviderPrices',
        target: id,
        change: { ...change, effectiveFrom: effectiveFrom.toISOString() },
        topic: 'price-override.deleted',
        ids: { priceOverrideId: id },
      });
    });
  }

  /** Who sets the prices says what a budget is worth: a token that is under one, itself or by its line, does not. */
  private async assertMayPrice(tx: TenantTx, { orgId, tokenId }: Principal): Promise<void> {
    if (tokenId === undefined) return;
    const budget = await this.repository.budgetOf(tx, orgId, await tokenLine(tx, orgId, tokenId));
    if (budget !== null) throw underBudget(budget);
  }
}

function underBudget(name: string): ClavigerError {
  return new ClavigerError(
    'forbidden',
    `The token that you came with is under the budget "${name}", and prices say what that budget is worth: it cannot set or delete any. Sign in and do it there.`,
  );
}

function tooMany(): ClavigerError {
  return new ClavigerError(
    'conflict',
    `An organization has at most ${MAX_OVERRIDES} prices of its own. Delete those that are over.`,
  );
}

function sameMoment(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'This model has a price of yours from this very moment on. Delete that one, or give another moment.',
  );
}

function dtoOf({ effectiveFrom, createdAt, ...price }: PriceOverride): PriceOverrideDto {
  return { ...price, effectiveFrom: effectiveFrom.toISOString(), createdAt: createdAt.toISOString() };
}
