'use client';

import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Announcer } from '@/components/ui/announcer';
import { isProblem } from '@/lib/api/problem';
import { cssVariables, theme } from '@/lib/theme';

/** A refusal will not change by asking again; only a server that stumbled is asked once more. */
function retry(failures: number, error: Error): boolean {
  return failures < 1 && (!isProblem(error) || error.status >= 502);
}

/** Theme, query cache and the live region, once for the whole app. */
export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(
    () =>
      new QueryClient({
        defaultOptions: { queries: { retry, staleTime: 5_000, refetchOnWindowFocus: true } },
      }),
  );
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <Announcer>{children}</Announcer>
      </QueryClientProvider>
    </MantineProvider>
  );
}
