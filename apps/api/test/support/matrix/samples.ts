import type { MatrixOperation } from '#lib/testing';
import { inDays } from '../times.js';

type IdOf = (kind: string) => string;
const password = 'correct horse battery';

/** A body that passes validation, for every operation that takes one. */
const SAMPLES: Record<string, (idOf: IdOf) => object> = {
  'auth.signUp': () => ({ email: 'taken@example.test', password, name: 'Example', orgName: 'Example' }),
  'auth.logIn': () => ({ email: 'nobody@example.test', password }),
  'account.activeOrg': (idOf) => ({ orgId: idOf('org') }),
  'account.password': () => ({ currentPassword: 'not this one', newPassword: 'another good one' }),
  'orgs.update': () => ({ name: 'Renamed' }),
  'ownKms.set': () => ({
    keyId: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    roleArn: 'arn:aws:iam::111122223333:role/claviger-key',
  }),
  'orgLifecycle.delete': () => ({ confirm: 'example' }),
  'members.approve': () => ({}),
  'members.update': () => ({ role: 'MEMBER' }),
  'invites.create': () => ({ role: 'MEMBER' }),
  'invites.update': () => ({ enabled: false }),
  'acceptInvite.accept': () => ({}),
  'tokens.create': (idOf) => ({ name: 'Example', kind: 'workspace', workspaceId: idOf('ws') }),
  'tokens.roll': () => ({}),
  'workspaces.create': () => ({ name: 'Example' }),
  'workspaces.update': () => ({ name: 'Renamed' }),
  'workspaces.grant': () => ({ canEdit: true, canDelete: true, canExecute: true }),
  'assignments.replace': (idOf) => ({
    assignments: [{ aiProviderId: idOf('aip'), priority: 0, weight: 1, active: true }],
  }),
  'assignments.resolve': () => ({ model: 'gpt-4.1' }),
  'catalog.gate': () => ({ enabled: true }),
  'providerKeys.create': (idOf) => ({ name: 'Example', provider: 'openai', secretId: idOf('sec') }),
  'providerKeys.update': () => ({ name: 'Renamed' }),
  'keyActions.rotate': () => ({ secret: 'sk-example-0123456789abcdef' }),
  'secrets.create': () => ({
    name: 'Example',
    secret: 'sk-example-0123456789abcdef',
    origins: ['https://api.openai.com:443'],
  }),
  'secrets.rotate': () => ({ secret: 'sk-example-0123456789abcdef' }),
  'policies.create': (idOf) => ({
    name: 'Example policy',
    scope: { type: 'workspace', id: idOf('ws') },
    severity: 'HIGH',
    rules: [{ type: 'models', deny: ['gpt-*'] }],
  }),
  'policies.update': (idOf) => ({
    severity: 'LOW',
    scope: { type: 'workspace', id: idOf('ws') },
    rules: [{ type: 'models', deny: ['gpt-*'] }],
  }),
  'quotas.create': (idOf) => ({
    name: 'Example quota',
    scope: { type: 'workspace', id: idOf('ws') },
    metric: 'cost_micro_usd',
    window: 'month',
    max: 5_000_000,
  }),
  'quotas.update': () => ({ max: 6_000_000 }),
  'priceBook.create': () => ({
    ...{ provider: 'openai', model: 'gpt-4.1' },
    ...{ inputMicroUsdPerMTok: 1_000_000, outputMicroUsdPerMTok: 4_000_000 },
  }),
  'policyRecords.dryRun': () => ({
    scope: { type: 'organization' },
    severity: 'HIGH',
    rules: [{ type: 'models', deny: ['gpt-*'] }],
  }),
  'policyRecords.approve': (idOf) => ({
    workspaceId: idOf('ws'),
    reason: 'Example',
    expiresAt: inDays(30),
  }),
  'platform.setKillSwitch': () => ({ enabled: false, reason: 'Example' }),
  'keyImport.import': () => ({
    records: [{ name: 'Example', type: 'OPENAI', secret: 'sk-example-0123456789abcdef' }],
  }),
  'platformProviders.put': () => ({ enabled: true }),
  'platformCatalogue.replace': () => ({ providers: [] }),
  'platformCatalogue.rollBack': () => ({ version: 0 }),
  'mcpServers.create': () => ({ name: 'Example', url: 'https://1.1.1.1/mcp' }),
  'mcpServers.update': () => ({ enabled: false }),
  'mcpAssignments.replace': (idOf) => ({ assignments: [{ mcpServerId: idOf('mcp') }] }),
  'webhooks.create': (idOf) => ({
    ...{ name: 'Example', url: 'https://1.1.1.1/hook', events: ['run.finished'] },
    workspaceId: idOf('ws'),
  }),
  'webhooks.update': () => ({ events: ['run.failed'] }),
  'webhooks.rotateSecret': () => ({ overlapSeconds: 60 }),
  'modelAliases.replace': (idOf) => ({
    aliases: [{ name: 'example', workspaceId: idOf('ws'), models: ['gpt-4.1'] }],
  }),
  'operatorKillSwitch.set': () => ({ enabled: false, reason: 'Example' }),
  'orgKillSwitch.set': () => ({ enabled: false, reason: 'Example' }),
  'providerLimits.set': () => ({ rpm: 600 }),
  'plans.setOrgPlan': () => ({ plan: 'free' }),
};

/** The operation's own sample, undefined where it takes no body. A new operation without a sample fails the matrices by name. */
export function sampleBody(
  { id, hasBody }: Pick<MatrixOperation, 'id' | 'hasBody'>,
  idOf: IdOf,
): object | undefined {
  if (!hasBody) return undefined;
  const sample = SAMPLES[id];
  if (!sample) throw new Error(`give ${id} a sample body in apps/api/test/support/matrix/samples.ts`);
  return sample(idOf);
}

/** The operations that are meant to be open to everybody. */
export const OPEN: readonly string[] = [
  'acceptInvite.accept',
  'acceptInvite.preview',
  'auth.logIn',
  'auth.signUp',
  'livez',
  'openApi.get',
  'readyz',
];
