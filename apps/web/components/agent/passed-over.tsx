import { Text } from '@mantine/core';
import type { Resolution } from '@/lib/api/types';

/** The workspace's other keys, and why the call gets none of them. */
export function PassedOver({ keys }: { keys: Resolution['passedOver'] }) {
  if (keys.length === 0) return null;
  return (
    <>
      <Text fw={600} size="sm" mt="sm">
        Keys passed over
      </Text>
      <ul aria-label="Keys passed over">
        {keys.map(({ aiProviderId, name, detail }) => (
          <li key={aiProviderId} className="wrap">
            <strong>{name}</strong>: {detail}
          </li>
        ))}
      </ul>
    </>
  );
}
