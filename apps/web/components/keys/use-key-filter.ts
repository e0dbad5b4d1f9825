'use client';

import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import type { AiProvider } from '@/lib/api/types';

export interface KeyFilter {
  name: string;
  provider: string;
  status: string;
}

/** The filters as the address bar has them, and how to change one; a link to a filtered list can be shared. */
export function useKeyFilter(): [KeyFilter, (change: Partial<KeyFilter>) => void] {
  const params = useSearchParams();
  const router = useRouter();
  const pathname = usePathname();
  const filter = {
    name: params.get('name') ?? '',
    provider: params.get('provider') ?? '',
    status: params.get('status') ?? '',
  };
  const set = (change: Partial<KeyFilter>) => {
    const entries = Object.entries({ ...filter, ...change }).filter(([, value]) => value !== '');
    const query = new URLSearchParams(entries).toString();
    router.replace(query ? `${pathname}?${query}` : pathname, { scroll: false });
  };
  return [filter, set];
}

export function matches(key: AiProvider, filter: KeyFilter): boolean {
  return (
    key.name.toLowerCase().includes(filter.name.toLowerCase()) &&
    (filter.provider === '' || key.provider === filter.provider) &&
    (filter.status === '' || key.status === filter.status)
  );
}
