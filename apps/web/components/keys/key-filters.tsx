'use client';

import { NativeSelect, TextInput } from '@mantine/core';
import type { Provider } from '@/lib/api/types';
import type { KeyFilter } from './use-key-filter';
import styles from './keys.module.css';

interface KeyFiltersProps {
  filter: KeyFilter;
  providers: Provider[] | undefined;
  onChange: (change: Partial<KeyFilter>) => void;
}

export function KeyFilters({ filter, providers, onChange }: KeyFiltersProps) {
  return (
    <div className={styles.filters}>
      <TextInput
        aria-label="Filter by name"
        placeholder="Filter by name"
        value={filter.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label="Provider"
        value={filter.provider}
        onChange={(event) => onChange({ provider: event.currentTarget.value })}
      >
        <option value="">All providers</option>
        {providers?.map(({ slug, name }) => (
          <option key={slug} value={slug}>
            {name}
          </option>
        ))}
      </NativeSelect>
      <NativeSelect
        aria-label="Status"
        value={filter.status}
        onChange={(event) => onChange({ status: event.currentTarget.value })}
      >
        <option value="">Any status</option>
        <option value="configured">Configured</option>
        <option value="failing">Failing</option>
        <option value="unconfigured">No secret yet</option>
        <option value="disabled">Disabled</option>
      </NativeSelect>
    </div>
  );
}
