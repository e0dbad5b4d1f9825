import { Button, Text } from '@mantine/core';
import Link from 'next/link';
import type { UnavailableModel } from '@/lib/api/types';
import { Empty } from '@/components/ui/empty';
import { Surface } from '@/components/ui/surface';
import styles from './agent.module.css';

/** The reasons why models are missing, each once with the models that it holds back. */
function byReason(unavailable: UnavailableModel[]): [string, UnavailableModel[]][] {
  const groups = new Map<string, UnavailableModel[]>();
  for (const model of unavailable) groups.set(model.detail, [...(groups.get(model.detail) ?? []), model]);
  return [...groups].slice(0, 6);
}

/** A workspace without models explains itself, and says who can change that. */
export function NoModels({ unavailable, isOwner }: { unavailable: UnavailableModel[]; isOwner: boolean }) {
  return (
    <Surface>
      <Empty
        title="No model can be used here yet"
        action={
          isOwner && (
            <Button component={Link} href="/settings/workspaces">
              Hand keys to workspaces
            </Button>
          )
        }
      >
        {isOwner
          ? 'This workspace has no key that may be used. Hand it one, and its models appear here.'
          : 'This workspace has no key that may be used. Ask an owner of the organization to hand it one.'}
      </Empty>
      {unavailable.length > 0 && (
        <ul className={styles.reasons}>
          {byReason(unavailable).map(([detail, models]) => (
            <li key={detail}>
              <Text size="sm">{detail}</Text>
              <Text size="xs" c="dimmed" className="mono wrap">
                {models
                  .slice(0, 5)
                  .map((model) => model.id)
                  .join(', ')}
                {models.length > 5 && ` and ${models.length - 5} more`}
              </Text>
            </li>
          ))}
        </ul>
      )}
    </Surface>
  );
}
