import {
  priceBookCreate,
  priceBookDelete,
  priceBookList,
  quotasCreate,
  quotasDelete,
  quotasList,
  quotasUpdate,
} from '../generated/api/sdk.gen';
import { answer, done } from './http';
import { allPages } from './paging';
import type { NewPriceOverride, NewQuota, PriceOverride, Quota, QuotaChange } from './types';

/** Quotas and budgets, with what is used and reserved now. */
export function listQuotas(): Promise<Quota[]> {
  return allPages((cursor) => answer(quotasList({ query: { limit: 200, cursor } })));
}

export function createQuota(body: NewQuota): Promise<Quota> {
  return answer(quotasCreate({ body }));
}

export function updateQuota({ id, version }: Quota, body: QuotaChange): Promise<Quota> {
  const headers = { 'if-match': `"${id}-${version}"` };
  return answer(quotasUpdate({ path: { quotaId: id }, body, headers }));
}

export function deleteQuota(id: string): Promise<void> {
  return done(quotasDelete({ path: { quotaId: id } }));
}

/** The organization's own prices, past and future ones included. */
export function listPriceOverrides(): Promise<PriceOverride[]> {
  return allPages((cursor) => answer(priceBookList({ query: { limit: 200, cursor } })));
}

export function createPriceOverride(body: NewPriceOverride): Promise<PriceOverride> {
  return answer(priceBookCreate({ body }));
}

export function deletePriceOverride(id: string): Promise<void> {
  return done(priceBookDelete({ path: { priceOverrideId: id } }));
}
