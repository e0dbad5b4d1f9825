'use client';

import { Combobox, InputBase, useCombobox } from '@mantine/core';
import { useState } from 'react';
import type { AvailableModel, ModelList, UnavailableModel } from '@/lib/api/types';
import { ModelFacts } from './model-facts';
import styles from './agent.module.css';

interface ModelPickerProps {
  models: ModelList;
  /** `provider/id` of the chosen model; null leaves the choice to the workspace's defaults. */
  value: string | null;
  onChange: (value: string | null) => void;
}

const DEFAULTS = 'defaults';

export function modelKey(model: { provider: string; id: string }): string {
  return `${model.provider}/${model.id}`;
}

function grouped(models: ModelList, search: string) {
  const needle = search.trim().toLowerCase();
  const hit = (model: { id: string; provider: string; name?: string }) =>
    `${model.provider} ${model.id} ${model.name ?? ''}`.toLowerCase().includes(needle);
  const groups = new Map<string, { available: AvailableModel[]; unavailable: UnavailableModel[] }>();
  const group = (provider: string) => {
    const found = groups.get(provider) ?? { available: [], unavailable: [] };
    groups.set(provider, found);
    return found;
  };
  for (const model of models.data.filter(hit)) group(model.provider).available.push(model);
  for (const model of models.unavailable.filter(hit)) group(model.provider).unavailable.push(model);
  return [...groups];
}

/** The models of the workspace by provider; those that it may not use say why and whom to ask. */
export function ModelPicker({ models, value, onChange }: ModelPickerProps) {
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const [search, setSearch] = useState<string | null>(null);
  const chosen = models.data.find((model) => modelKey(model) === value);
  const groups = grouped(models, search ?? '');
  const close = () => {
    setSearch(null);
    combobox.closeDropdown();
  };
  return (
    <Combobox
      store={combobox}
      withinPortal={false}
      onOptionSubmit={(option) => {
        onChange(option === DEFAULTS ? null : option);
        close();
      }}
    >
      <Combobox.Target withExpandedAttribute>
        <InputBase
          label="Model"
          description="Only models that a key of this workspace serves can be chosen"
          rightSection={<Combobox.Chevron />}
          rightSectionPointerEvents="none"
          value={search ?? chosen?.name ?? 'The workspace’s default'}
          onChange={(event) => {
            setSearch(event.currentTarget.value);
            combobox.openDropdown();
            combobox.updateSelectedOptionIndex();
          }}
          onClick={() => combobox.openDropdown()}
          onFocus={(event) => event.currentTarget.select()}
          onBlur={close}
          autoComplete="off"
          role="combobox"
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options aria-label="Models" className={styles.options}>
          {search === null && (
            <Combobox.Option value={DEFAULTS} active={value === null}>
              <span className={styles.modelName}>The workspace’s default</span>
              <span className={styles.note}>Its default provider, then the key of highest priority</span>
            </Combobox.Option>
          )}
          {groups.map(([provider, { available, unavailable }]) => (
            <Combobox.Group key={provider} label={provider}>
              {available.map((model) => (
                <Combobox.Option key={model.id} value={modelKey(model)} active={modelKey(model) === value}>
                  <span className={styles.modelName}>{model.name}</span>{' '}
                  <span className={styles.id}>{model.id}</span>
                  {model.bestFor && <span className={styles.note}>{model.bestFor}</span>}
                  <ModelFacts model={model} />
                </Combobox.Option>
              ))}
              {unavailable.map((model) => (
                <Combobox.Option
                  key={model.id}
                  value={modelKey(model)}
                  disabled
                  className={styles.unavailable}
                >
                  <span className={styles.id}>{model.id}</span>
                  <span className={styles.note}>{model.detail}</span>
                </Combobox.Option>
              ))}
            </Combobox.Group>
          ))}
          {groups.length === 0 && <Combobox.Empty>No model by that name</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
