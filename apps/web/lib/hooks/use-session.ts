'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { me } from '@/lib/api/auth';
import type { Session } from '@/lib/api/types';

export const SESSION_KEY = ['session'];

/** Who is signed in. A refusal (401) is an answer here, so it isn't asked again. */
export function useSession() {
  return useQuery<Session>({ queryKey: SESSION_KEY, queryFn: me, retry: false, staleTime: 60_000 });
}

/** Forgets all that was read for one person or org before the next one's data comes in. */
export function useReplaceSession(): (session: Session | null) => void {
  const client = useQueryClient();
  return useCallback(
    (session) => {
      client.clear();
      if (session) client.setQueryData(SESSION_KEY, session);
    },
    [client],
  );
}
