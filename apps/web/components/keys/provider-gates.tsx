'use client';

import { Skeleton, Switch, Text } from '@mantine/core';
import { gateProvider } from '@/lib/api/keys';
import type { Provider } from '@/lib/api/types';
import { KEY_STALE, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';
import styles from './keys.module.css';

/** The organization's gate in front of each provider: off refuses every call, whatever keys exist. */
export function ProviderGates({
  providers,
  canWrite,
}: {
  providers: Provider[] | undefined;
  canWrite: boolean;
}) {
  const announce = useAnnounce();
  const change = useChange(
    ({ slug, enabled }: { slug: string; name: string; enabled: boolean }) => gateProvider(slug, enabled),
    KEY_STALE,
    (_, { name, enabled }) => announce(`${name} is switched ${enabled ? 'on' : 'off'} for the organization`),
  );
  return (
    <Surface
      title="Provider gates"
      flush
      aside={
        <Text size="sm" c="dimmed">
          Switched off, a provider refuses every call, whatever keys exist.
        </Text>
      }
    >
      {change.error && <ProblemAlert error={change.error} />}
      <div className={styles.gates}>
        {providers === undefined &&
          [0, 1, 2, 3].map((index) => <Skeleton key={index} height={42} radius={0} />)}
        {providers?.map(({ slug, name, orgEnabled }) => (
          <div key={slug} className={styles.gate}>
            <span>{name}</span>
            <Switch
              size="sm"
              aria-label={`${name}: allowed in the organization`}
              checked={
                change.isPending && change.variables.slug === slug ? change.variables.enabled : orgEnabled
              }
              disabled={!canWrite}
              onChange={(event) => change.mutate({ slug, name, enabled: event.currentTarget.checked })}
            />
          </div>
        ))}
      </div>
    </Surface>
  );
}
