import { Stack } from '@mantine/core';
import { IconCalendarClock } from '@tabler/icons-react';
import { date } from '@/lib/format';
import { ReadOnly } from '@/components/ui/read-only';
import { Status, type Tone } from '@/components/ui/status';
import type { AiProvider, KeyStatus, TestStatus } from '@/lib/api/types';

const TONES: Record<KeyStatus, Tone> = {
  configured: 'good',
  unconfigured: 'warn',
  failing: 'bad',
  disabled: 'quiet',
};
const WORDS: Record<KeyStatus, string> = {
  configured: 'Configured',
  unconfigured: 'No secret yet',
  failing: 'Failing',
  disabled: 'Disabled',
};

export function KeyStatusBadge({ status }: { status: KeyStatus }) {
  return <Status tone={TONES[status]}>{WORDS[status]}</Status>;
}

/** Whether calls are refused since the key's last day is over. */
export function isExpired({ expiresAt }: Pick<AiProvider, 'expiresAt'>): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now();
}

/** "Expires on …" or "Expired on …"; nothing for a key without an end. */
export function KeyExpiry({ of }: { of: Pick<AiProvider, 'expiresAt'> }) {
  if (of.expiresAt === null) return null;
  const over = isExpired(of);
  return (
    <Status
      tone={over ? 'bad' : 'quiet'}
      icon={IconCalendarClock}
    >{`${over ? 'Expired' : 'Expires'} on ${date(of.expiresAt)}`}</Status>
  );
}

/** A key's state at one look. One that has expired is not shown as good, whatever else it is. */
export function KeyState({ of }: { of: AiProvider }) {
  const hidden = isExpired(of) && of.status === 'configured';
  return (
    <Stack gap={2} align="flex-start">
      {!hidden && <KeyStatusBadge status={of.status} />}
      <ReadOnly of={of} />
      <KeyExpiry of={of} />
    </Stack>
  );
}

/** How a test ended, in words of its own. */
export const TEST_WORDS: Record<TestStatus, string> = {
  ok: 'Passed',
  auth_failed: 'Key refused',
  model_failed: 'Model refused',
  unreachable: 'Unreachable',
  error: 'Vendor error',
};
