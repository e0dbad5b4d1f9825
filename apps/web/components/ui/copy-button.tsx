'use client';

import { Button } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import { copyText } from '@/lib/copy';
import { useAnnounce } from './announcer';

/** Copies a text and says so. */
export function CopyButton({ value, what, label = 'Copy' }: { value: string; what: string; label?: string }) {
  const announce = useAnnounce();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    const worked = await copyText(value);
    setCopied(worked);
    announce(worked ? `Copied ${what}` : `Could not copy ${what}: select and copy it by hand`);
  };
  const Sign = copied ? IconCheck : IconCopy;
  return (
    <Button
      size="compact-xs"
      variant="default"
      leftSection={<Sign size={13} aria-hidden />}
      aria-label={`${label} ${what}`}
      onClick={() => void copy()}
    >
      {label}
    </Button>
  );
}
