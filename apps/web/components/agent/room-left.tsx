import { Text } from '@mantine/core';
import type { Resolution } from '@/lib/api/types';
import { count } from '@/lib/format';
import { amountWords, METRICS, WINDOWS } from '@/components/usage/quota-words';

const RATES = { rpm: 'requests a minute', rpd: 'requests a day', tpm: 'tokens a minute' } as const;

/** What is left of the limits that a call made now would count against; nothing where there is none. */
export function RoomLeft({ headRoom, quotaRoom }: Pick<Resolution, 'headRoom' | 'quotaRoom'>) {
  const rates = headRoom ?? [];
  if (rates.length + quotaRoom.length === 0) return null;
  return (
    <>
      <Text fw={600} size="sm" mt="sm">
        Room left
      </Text>
      <ul aria-label="Room left">
        {rates.map(({ scope, id, metric, left, limit }) => (
          <li key={`${scope}${id}${metric}`}>
            {count(left)} of {count(limit)} {RATES[metric]} of the {scope}
          </li>
        ))}
        {quotaRoom.map((room) => (
          <li key={room.quotaId}>
            {roomWords(room)}
            {room.mode === 'monitor' && ' (only counted)'}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Who may not read a quota is told whether there is room, and no figure. */
function roomWords({
  metric,
  name,
  left,
  max,
  hasRoom,
  scope,
  window,
}: Resolution['quotaRoom'][number]): string {
  if (left === null || max === null)
    return `${METRICS[metric]} of the ${scope} this ${WINDOWS[window]}: ${hasRoom ? 'room left' : 'used up'}`;
  return `${amountWords(metric, left)} of ${amountWords(metric, max)} this ${WINDOWS[window]}, ${name}`;
}
