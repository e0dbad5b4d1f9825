import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { listKeys } from '@/lib/api/keys';
import type { UnavailableModel } from '@/lib/api/types';
import { queryKeys } from '@/lib/hooks/queries';
import { Empty } from '@/components/ui/empty';
import { Surface } from '@/components/ui/surface';
import styles from './agent.module.css';

/** Whether nothing but a key is missing: that is said once for all providers. A key that is there and can't be used is named. */
function isKeyless({ code, detail }: UnavailableModel): boolean {
  return code === 'no_provider_key' && !detail.includes('The key "');
}

/** The reasons why models are missing, each once with the models that it holds back. */
function byReason(unavailable: UnavailableModel[]): [string, UnavailableModel[]][] {
  const groups = new Map<string, UnavailableModel[]>();
  for (const model of unavailable) groups.set(model.detail, [...(groups.get(model.detail) ?? []), model]);
  return [...groups].slice(0, 6);
}

function someOf(ids: string[], most: number): string {
  const more = ids.length - most;
  return ids.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** A workspace without models explains itself, and says who can change that. */
export function NoModels({ unavailable, isOwner }: { unavailable: UnavailableModel[]; isOwner: boolean }) {
  const keys = useQuery({ queryKey: queryKeys.keys, queryFn: listKeys, enabled: isOwner });
  const isFirst = keys.data?.length === 0;
  const keyless = unavailable.filter(isKeyless);
  const reasons = byReason(unavailable.filter((model) => !isKeyless(model)));
  const providers = [...new Set(keyless.map(({ provider }) => provider))];
  return (
    <Surface>
      <Empty
        title="No model can be used here yet"
        action={
          isOwner &&
          keys.data && (
            <Button component={Link} href={isFirst ? '/settings/ai-providers?add=1' : '/settings/workspaces'}>
              {isFirst ? 'Add a key' : 'Hand keys to workspaces'}
            </Button>
          )
        }
      >
        {words(isOwner, isFirst)}
      </Empty>
      {unavailable.length > 0 && (
        <ul className={styles.reasons}>
          {reasons.map(([detail, models]) => (
            <li key={detail}>
              <Text size="sm">{detail}</Text>
              <Text size="xs" c="dimmed" className="mono wrap">
                {someOf(
                  models.map(({ id }) => id),
                  5,
                )}
              </Text>
            </li>
          ))}
          {providers.length > 0 && (
            <li>
              <Text size="sm">
                {keyless.length} models are known of providers of which this workspace has no key that may be
                used:
              </Text>
              <Text size="xs" c="dimmed" className="mono wrap">
                {someOf(providers, 14)}
              </Text>
            </li>
          )}
        </ul>
      )}
    </Surface>
  );
}

function words(isOwner: boolean, isFirst: boolean): string {
  if (!isOwner)
    return 'This workspace has no key that may be used. Ask an owner of the organization to hand it one.';
  return isFirst
    ? 'Your organization has no provider key yet. Add one and hand it to this workspace, and its models appear here.'
    : 'This workspace has no key that may be used. Hand it one, and its models appear here.';
}
