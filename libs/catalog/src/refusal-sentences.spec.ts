import { describe, expect, it } from '@jest/globals';
import { NO_LIMITS, type StateAssignment, type StatePolicy } from '#lib/contracts';
import { policyGate } from '#lib/limits';
import { FIXTURE_NOW, gateAssignment, gateState } from '#lib/testing';
import { evaluate } from './aliases.js';
import { buildCatalogue } from './catalogue.js';
import type { Gate, ModelRequest } from './gate-types.js';

const records = buildCatalogue();
const withEdits = (...providers: { slug: string; enabled?: boolean }[]) =>
  buildCatalogue({
    providers: records.providers.map((record) => ({ slug: record.slug, record })),
    models: records.models.map((record) => ({ provider: record.provider, id: record.id, record })),
    edits: { providers },
  });
const base = gateState([]);
const key = (more: Partial<StateAssignment> = {}) => gateAssignment('openai', { name: 'main', ...more });
const principal = (more: object) => ({ principal: { ...base.principal!, ...more } });
const policy = (rules: StatePolicy['rules'], scope: StatePolicy['scope']): { policies: StatePolicy[] } => ({
  policies: [{ id: 'pol_1', name: 'House rules', scope, severity: 'HIGH', rules, version: 1 }],
});
const needsTools = { needsTools: true };
const embedding = 'text-embedding-3-small';

interface Row {
  gate: Gate;
  code: string;
  /** What stands in the way, by name. */
  names: RegExp[];
  /** Whose it is: platform, organization, workspace, key, token. */
  scope: RegExp;
  /** Who can change it. */
  who: RegExp;
  keys?: StateAssignment[];
  more?: Parameters<typeof gateState>[1];
  request?: ModelRequest;
  operator?: Parameters<typeof withEdits>;
}

const OWNER = /\b(an|An) OWNER can\b/;
const EITHER = /\b(an|An) OWNER or ADMIN can\b/;
const OPERATOR = /\boperator\b.*\bcan\b|ask the operator/;
const CALLER = /\b(Use one of|Name a|Pick a|Sign in)\b/;

/** Every refusal that resolution can give. */
const ROWS: Record<string, Row> = {
  'the platform is stopped': {
    ...{
      gate: 'kill_switch',
      code: 'ai_disabled',
      names: [/Reason: flood/],
      scope: /All AI calls/,
      who: OPERATOR,
    },
    more: { killSwitch: { enabled: true, reason: 'flood' } },
  },
  'the operator stopped the organization': {
    ...{
      gate: 'kill_switch',
      code: 'ai_disabled',
      names: [/Reason: fee/],
      scope: /this organization/,
      who: OPERATOR,
    },
    more: { orgKillSwitch: { by: 'operator', reason: 'fee' } },
  },
  'its OWNERs stopped it': {
    ...{
      gate: 'kill_switch',
      code: 'ai_disabled',
      names: [/Reason: leak/],
      scope: /this organization/,
      who: OWNER,
    },
    more: { orgKillSwitch: { by: 'owner', reason: 'leak' } },
  },
  'nothing answers to the token': {
    ...{ gate: 'token', code: 'unauthenticated', names: [/not valid/], scope: /token/, who: EITHER },
    more: { principal: null },
  },
  'a revoked token': {
    ...{ gate: 'token', code: 'unauthenticated', names: [/revoked/], scope: /This token/, who: EITHER },
    more: principal({ revoked: true }),
  },
  'an expired token': {
    ...{ gate: 'token', code: 'unauthenticated', names: [/expired/], scope: /This token/, who: EITHER },
    more: principal({ expiresAt: FIXTURE_NOW }),
  },
  'a pending member': {
    ...{
      gate: 'token',
      code: 'forbidden',
      names: [/not an active member/],
      scope: /this organization/,
      who: OWNER,
    },
    more: principal({ memberStatus: 'pending' }),
  },
  'a member without the grant': {
    ...{
      gate: 'token',
      code: 'forbidden',
      names: [/"may execute"/],
      scope: /workspace "Production"/,
      who: EITHER,
    },
    more: principal({ role: 'MEMBER', grant: null }),
  },
  'a slug with a typo': {
    ...{ gate: 'provider', code: 'validation_failed', names: [/"antropic"/, /openai, anthropic, google/] },
    ...{ scope: /provider/, who: CALLER, request: { provider: 'antropic' } },
  },
  'a pinned slug with a typo': {
    ...{ gate: 'provider', code: 'validation_failed', names: [/"opnai"/, /openai, anthropic, google/] },
    ...{ scope: /provider/, who: CALLER, request: { model: '@opnai/gpt-4.1' } },
  },
  'a default provider that is gone': {
    ...{
      gate: 'provider',
      code: 'validation_failed',
      names: [/"acme"/],
      scope: /workspace "Production"/,
      who: EITHER,
    },
    more: { workspace: { ...base.workspace!, defaultProvider: 'acme' } },
  },
  'a model that nobody knows': {
    ...{
      gate: 'provider',
      code: 'model_not_available',
      names: [/"gpt-9"/],
      scope: /this workspace/,
      who: OWNER,
    },
    request: { model: 'gpt-9' },
  },
  'a provider that the operator switched off': {
    ...{
      gate: 'provider',
      code: 'provider_disabled',
      names: [/OpenAI/],
      scope: /every organization/,
      who: OPERATOR,
    },
    operator: [{ slug: 'openai', enabled: false }],
  },
  'a provider that the organization switched off': {
    ...{
      gate: 'org_gate',
      code: 'provider_disabled',
      names: [/OpenAI/],
      scope: /this organization/,
      who: OWNER,
    },
    more: { disabledProviders: ['openai'] },
  },
  'no key': {
    ...{
      gate: 'key',
      code: 'no_provider_key',
      names: [/OpenAI key/],
      scope: /Workspace "Production"/,
      who: OWNER,
    },
    ...{ keys: [], request: { provider: 'openai' } },
  },
  'an assignment that is off': {
    ...{
      gate: 'key',
      code: 'no_provider_key',
      names: [/"main" \(aip_/],
      scope: /for this workspace/,
      who: OWNER,
    },
    keys: [key({ active: false })],
  },
  'a disabled key': {
    ...{ gate: 'key', code: 'no_provider_key', names: [/"main" \(aip_/], scope: /The key/, who: OWNER },
    keys: [key({ enabled: false })],
  },
  'an expired key': {
    ...{
      gate: 'key',
      code: 'no_provider_key',
      names: [/"main" .*expired on 2026/],
      scope: /The key/,
      who: OWNER,
    },
    keys: [key({ expiresAt: FIXTURE_NOW })],
  },
  'a key without a secret': {
    ...{ gate: 'key', code: 'no_provider_key', names: [/"main" .*no secret/], scope: /The key/, who: OWNER },
    keys: [key({ secretId: null })],
  },
  'a key of a provider that is gone': {
    ...{
      gate: 'key',
      code: 'no_provider_key',
      names: [/"main"/],
      scope: /the platform no longer has/,
      who: OPERATOR,
    },
    keys: [gateAssignment('acme', { name: 'main' })],
  },
  'a key that is not assigned': {
    ...{
      gate: 'key',
      code: 'no_provider_key',
      names: [/aip_other/],
      scope: /workspace "Production"/,
      who: OWNER,
    },
    request: { model: '@aip_other/gpt-4.1' },
  },
  'a member beyond the plan': {
    ...{
      gate: 'plan',
      code: 'plan_read_only',
      names: [/member who owns this token/],
      scope: /plan "unlimited"/,
    },
    ...{ who: OWNER, more: principal({ beyondPlan: true }) },
  },
  'a workspace beyond the plan': {
    ...{
      gate: 'plan',
      code: 'plan_read_only',
      names: [/Workspace "Production"/],
      scope: /plan "unlimited"/,
      who: OWNER,
    },
    more: { beyondPlan: { aiProviderIds: [], workspace: true } },
  },
  'a key beyond the plan': {
    ...{
      gate: 'plan',
      code: 'plan_read_only',
      names: [/key "main" \(aip_/],
      scope: /plan "unlimited"/,
      who: OWNER,
    },
    more: { beyondPlan: { aiProviderIds: [key().aiProviderId], workspace: false } },
  },
  'a model beyond the plan': {
    ...{ gate: 'plan', code: 'plan_limit_reached', names: [/"gpt-4.1-mini" of OpenAI/] },
    ...{ scope: /plan "small" of this organization/, who: OPERATOR },
    more: { org: { id: 'org_1', plan: 'small', planLimits: { ...NO_LIMITS, models: [] } } },
  },
  'a policy of the organization': {
    ...{
      gate: 'policy',
      code: 'policy_violation',
      names: [/"House rules"/, /"openai"/],
      scope: /whole organization/,
    },
    ...{ who: EITHER, more: policy([{ type: 'providers', deny: ['openai'] }], { type: 'organization' }) },
  },
  'a policy of the workspace': {
    ...{
      gate: 'policy',
      code: 'policy_violation',
      names: [/"House rules"/, /"gpt-4.1"/],
      scope: /this workspace/,
    },
    ...{ who: EITHER, request: { model: 'gpt-4.1' } },
    more: policy([{ type: 'models', deny: ['gpt-4.1'] }], { type: 'workspace', id: 'ws_1' }),
  },
  'a policy of the token': {
    ...{ gate: 'policy', code: 'policy_violation', names: [/"House rules"/, /surface/], scope: /this token/ },
    ...{ who: EITHER, more: policy([{ type: 'surfaces', allow: ['chat'] }], { type: 'token', id: 'tok_1' }) },
  },
  'a model that is curated out': {
    ...{
      gate: 'curated',
      code: 'model_not_available',
      names: [/"gpt-5"/, /key "main"/],
      scope: /this workspace/,
    },
    ...{ who: OWNER, keys: [key({ keyModels: ['gpt-4.1'] })], request: { model: 'gpt-5' } },
  },
  'a model that the provider has not': {
    ...{
      gate: 'curated',
      code: 'model_not_available',
      names: [/OpenAI/, /"claude-9"/],
      scope: /key "main"/,
      who: OWNER,
    },
    request: { model: '@openai/claude-9' },
  },
  'lists without a model in common': {
    ...{
      gate: 'curated',
      code: 'model_not_available',
      names: [/no model in common/],
      scope: /key "main"/,
      who: OWNER,
    },
    keys: [key({ keyModels: ['gpt-5'], assignmentModels: ['gpt-4.1'] })],
  },
  'a provider without a default': {
    ...{
      gate: 'curated',
      code: 'model_not_available',
      names: [/no default model/],
      scope: /key "main"/,
      who: OWNER,
    },
    keys: [gateAssignment('gateway', { name: 'main' })],
  },
  'a model without tools that was named': {
    ...{ gate: 'capability', code: 'model_lacks_tools', names: [/"text-embedding-3-small" of OpenAI/] },
    ...{ scope: /the platform’s catalogue/, who: CALLER, request: { model: embedding, ...needsTools } },
  },
  'a default without tools': {
    ...{ gate: 'capability', code: 'model_lacks_tools', names: [/"text-embedding-3-small" of OpenAI/] },
    ...{ scope: /key "main"/, who: OWNER, keys: [key({ keyDefaultModel: embedding })], request: needsTools },
  },
  'a curated list without tools': {
    ...{
      gate: 'capability',
      code: 'model_lacks_tools',
      names: [/None of the curated models/],
      scope: /key "main"/,
    },
    ...{ who: OWNER, keys: [key({ keyModels: [embedding] })], request: needsTools },
  },
  'an alias of nothing that may be used': {
    ...{
      gate: 'key',
      code: 'no_provider_key',
      names: [/Alias "fast" stands for claude-opus-4-7/],
      scope: /this workspace/,
    },
    ...{ who: EITHER, request: { model: 'fast' } },
    more: { modelAliases: [{ name: 'fast', workspaceId: null, models: ['claude-opus-4-7'] }] },
  },
};

describe('every refusal names what stands in the way, whose it is, and who can change it', () => {
  it.each(Object.entries(ROWS))('%s', (_, { gate, code, names, scope, who, ...given }) => {
    const state = gateState(given.keys ?? [key()], given.more);
    const policies = policyGate(state.policies, { now: FIXTURE_NOW, surface: null });
    const tier = withEdits(...(given.operator ?? []));
    const verdict = evaluate(state, tier, given.request ?? {}, FIXTURE_NOW, policies);
    expect(verdict).toMatchObject({ ok: false, gate, code });
    const { detail } = verdict.ok ? { detail: '' } : verdict;
    for (const pattern of [...names, scope, who]) expect(detail).toMatch(pattern);
    expect(verdict.trace.at(-1)).toEqual({ gate, ok: false, detail });
  });
});
