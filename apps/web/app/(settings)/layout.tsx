import type { ReactNode } from 'react';
import { AppFrame } from '@/components/shell/app-frame';
import { SettingsGate } from '@/components/shell/settings-gate';

export default function SettingsLayout({ children }: { children: ReactNode }) {
  return (
    <AppFrame>
      <SettingsGate>{children}</SettingsGate>
    </AppFrame>
  );
}
