'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { deletePriceOverride, listPriceOverrides } from '@/lib/api/quotas';
import type { PriceOverride } from '@/lib/api/types';
import { money, timestamp } from '@/lib/format';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useSession } from '@/lib/hooks/use-session';
import { useAnnounce } from '@/components/ui/announcer';
import { DataTable } from '@/components/ui/data-table';
import { Empty } from '@/components/ui/empty';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Quiet } from '@/components/ui/quiet';
import { RowActions, RowButton } from '@/components/ui/row-button';
import { Surface } from '@/components/ui/surface';

const PriceForm = dynamic(() => import('./price-form').then((module) => module.PriceForm), { ssr: false });

const PRICES_STALE = [queryKeys.prices, queryKeys.allModels];

/** What the organization pays where it is not the list price. */
export function Prices() {
  const announce = useAnnounce();
  const session = useSession();
  const isOwner = session.data?.org?.role === 'OWNER';
  const prices = useQuery({ queryKey: queryKeys.prices, queryFn: listPriceOverrides });
  const [isOpen, setOpen] = useState(false);
  const remove = useChange(
    ({ id }: PriceOverride) => deletePriceOverride(id),
    PRICES_STALE,
    (_, { model }) => announce(`The price of ${model} is taken away`),
  );
  const create = isOwner && <Button onClick={() => setOpen(true)}>Set a price</Button>;
  const error = prices.error ?? remove.error;
  const isEmpty = prices.data?.length === 0;
  return (
    <Surface title="Prices" flush aside={!isEmpty && create}>
      {error && <ProblemAlert error={error} onRetry={() => void prices.refetch()} />}
      {isEmpty && (
        <Empty title="List prices" action={create}>
          Cost is computed from list prices. Where you pay another price, or run a model that has none, an
          owner sets it here, from today or from a day to come. Receipts keep the price that they were made
          with.
        </Empty>
      )}
      {!isEmpty && !prices.error && (
        <DataTable
          label="Prices"
          rows={prices.data}
          rowKey={({ id }) => id}
          columns={[
            { key: 'model', title: 'Model', cell: ({ provider, model }) => `${provider}/${model}` },
            {
              key: 'input',
              title: 'Input, a million tokens',
              numeric: true,
              cell: ({ inputMicroUsdPerMTok }) => money(inputMicroUsdPerMTok),
            },
            {
              key: 'cached',
              title: 'Cached input',
              numeric: true,
              cell: ({ cachedInputMicroUsdPerMTok: cached }) =>
                cached === null ? <Quiet>as input</Quiet> : money(cached),
            },
            {
              key: 'output',
              title: 'Output',
              numeric: true,
              cell: ({ outputMicroUsdPerMTok }) => money(outputMicroUsdPerMTok),
            },
            { key: 'from', title: 'From', cell: ({ effectiveFrom }) => timestamp(effectiveFrom) },
            {
              key: 'actions',
              title: 'Actions',
              quietTitle: true,
              cell: (price) =>
                isOwner && (
                  <RowActions>
                    <RowButton of={price.model} onClick={() => remove.mutate(price)}>
                      Delete
                    </RowButton>
                  </RowActions>
                ),
            },
          ]}
        />
      )}
      {isOpen && <PriceForm onClose={() => setOpen(false)} />}
    </Surface>
  );
}
