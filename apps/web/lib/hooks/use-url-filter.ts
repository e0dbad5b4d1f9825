'use client';

import { usePathname, useRouter, useSearchParams } from 'next/navigation';

/**
 * Filters as the address bar has them, and how to change some; a link to a filtered page can be shared. `names` are the
 * parameters that belong to it: one that is absent reads ''.
 */
export function useUrlFilter<Name extends string>(
  names: readonly Name[],
): [Record<Name, string>, (change: Partial<Record<Name, string>>) => void] {
  const params = useSearchParams();
  const router = useRouter();
  const pathname = usePathname();
  const filter = valuesOf(names, params);
  const set = (change: Partial<Record<Name, string>>) => {
    const next = new URLSearchParams(
      Object.entries<string | undefined>({ ...filter, ...change }).flatMap(([name, value]) =>
        value ? [[name, value]] : [],
      ),
    ).toString();
    router.replace(next ? `${pathname}?${next}` : pathname, { scroll: false });
  };
  return [filter, set];
}

function valuesOf<Name extends string>(
  names: readonly Name[],
  params: URLSearchParams,
): Record<Name, string> {
  const values: Partial<Record<Name, string>> = {};
  for (const name of names) values[name] = params.get(name) ?? '';
  return values as Record<Name, string>;
}
