'use client';

import {
  Anchor,
  Collapse,
  SimpleGrid,
  NativeSelect,
  Stack,
  Text,
  Textarea,
  TextInput,
  UnstyledButton,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { maskKey, vendorOf } from '@/lib/detect/pasted-key';
import type { AiProvider, Provider } from '@/lib/api/types';
import { LIMITS, type KeyForm } from './key-form';
import { SecretInput } from './secret-input';

interface KeyFieldsProps {
  form: KeyForm;
  provider: Provider;
  /** The key being edited; null while adding one. */
  existing: AiProvider | null;
}

/** The fields of a key, shared by adding and editing. */
export function KeyFields({ form, provider, existing }: KeyFieldsProps) {
  const Chevron = useAdvanced(form, existing);
  return (
    <Stack>
      <TextInput
        label="Name"
        description="Unique in your organization"
        autoComplete="off"
        autoFocus={!existing}
        {...form.getInputProps('name')}
      />
      <CredentialFields form={form} provider={provider} existing={existing} />
      {provider.acceptsBaseUrl && (
        <TextInput
          label="Base URL"
          description={
            provider.baseUrl
              ? `Leave empty for ${provider.baseUrl}`
              : provider.requiresBaseUrl
                ? 'The address of the endpoint, with its version path'
                : 'Leave empty for the address that the settings below name'
          }
          placeholder={provider.baseUrl ?? 'https://…/v1'}
          autoComplete="off"
          {...form.getInputProps('baseUrl')}
        />
      )}
      {provider.protocolChoices.length > 0 && (
        <NativeSelect
          label="Protocol"
          description="What the endpoint speaks"
          {...form.getInputProps('protocol')}
        >
          <option value="">{provider.protocol}</option>
          {provider.protocolChoices
            .filter((choice) => choice !== provider.protocol)
            .map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
        </NativeSelect>
      )}
      <UnstyledButton onClick={Chevron.toggle} aria-expanded={Chevron.opened}>
        <Chevron.Sign size={14} aria-hidden /> Models, expiry, limits and settings
      </UnstyledButton>
      <Collapse expanded={Chevron.opened}>
        <Stack>
          <TextInput
            label="Default model"
            description={
              provider.defaultModel
                ? `Leave empty for ${provider.defaultModel}`
                : 'Used when a call names no model'
            }
            autoComplete="off"
            {...form.getInputProps('defaultModel')}
          />
          <Textarea
            label="Curated models"
            description="One a line. Empty: every model of the provider"
            autosize
            minRows={2}
            {...form.getInputProps('models')}
          />
          <TextInput
            label="Expires on"
            description="Calls are refused from the end of this day (UTC)"
            type="date"
            {...form.getInputProps('expiresAt')}
          />
          <SimpleGrid cols={2} spacing="sm">
            {LIMITS.map(({ name, label }) => (
              <TextInput
                key={name}
                label={label}
                placeholder="no limit"
                inputMode="numeric"
                autoComplete="off"
                {...form.getInputProps(name)}
              />
            ))}
          </SimpleGrid>
          <Textarea
            label="Settings (JSON)"
            description="What only some providers have: secondSecretHeader; apiVersion and deployments (Azure); region (Bedrock); project and location (Vertex)"
            autosize
            minRows={2}
            classNames={{ input: 'mono' }}
            {...form.getInputProps('config')}
          />
        </Stack>
      </Collapse>
    </Stack>
  );
}

function useAdvanced(form: KeyForm, existing: AiProvider | null) {
  const used = Boolean(
    existing?.defaultModel || existing?.models.length || existing?.expiresAt || existing?.limits,
  );
  const [opened, { toggle }] = useDisclosure(used);
  const faulty = ['defaultModel', 'models', 'expiresAt', 'rpm', 'rpd', 'tpm', 'concurrency', 'config'].some(
    (field) => field in form.errors,
  );
  return { opened: opened || faulty, toggle, Sign: opened || faulty ? IconChevronDown : IconChevronRight };
}

function CredentialFields({ form, provider, existing }: KeyFieldsProps) {
  const { fields } = provider.credential;
  const first = form.values.credential.secret?.trim() ?? '';
  const vendor = vendorOf(first);
  const foreign =
    vendor !== null &&
    vendor !== provider.slug &&
    !['gateway', 'custom', 'openrouter'].includes(provider.slug);
  return (
    <Stack gap="xs">
      {fields.map((field, index) => (
        <SecretInput
          key={field.name}
          label={field.label}
          description={
            existing?.hasValue ? 'Kept unless you enter another' : field.required ? undefined : 'Optional'
          }
          placeholder={
            existing?.hasValue && field.name === 'secret' ? (existing.mask ?? undefined) : undefined
          }
          value={form.values.credential[field.name] ?? ''}
          error={index === 0 ? form.errors.credential : undefined}
          onChange={(event) => {
            form.clearFieldError('credential');
            form.setFieldValue('credential', {
              ...form.values.credential,
              [field.name]: event.currentTarget.value,
            });
          }}
        />
      ))}
      {first !== '' && (
        <Text size="sm" c="dimmed" aria-live="polite">
          Entered: <span className="mono">{maskKey(first)}</span>
          {foreign && `. This looks like a key of ${vendor}, not of ${provider.name}: check the provider.`}
        </Text>
      )}
      {provider.consoleUrl && (
        <Anchor href={provider.consoleUrl} target="_blank" rel="noreferrer" size="sm" underline="always">
          Get a key at {new URL(provider.consoleUrl).host}
        </Anchor>
      )}
    </Stack>
  );
}
