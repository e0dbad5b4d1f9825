import { NO_LIMITS, type AuthorisedState, type StatePolicy } from '#lib/contracts';
import { gateAssignment, gateState } from '../states/gate-state.js';
import { PRICE } from './as-catalogue.js';
import { inOrder } from './words.js';
import type { RefPolicy, RefRequest, RefWorld } from './world.js';

const HOUR = 3_600_000;
const A_SUNDAY = Date.UTC(2026, 10, 22);
const ELSEWHERE = 'ws_01jd0000000000000000000009';

/** The moment in which a world is. */
export function nowOf({ minuteOfWeek }: RefWorld): Date {
  return new Date(A_SUNDAY + minuteOfWeek * 60_000);
}

/** The same world as the authorised state has it. */
export function stateOfWorld(world: RefWorld): AuthorisedState {
  const base = gateState([]);
  const anHourAgo = new Date(nowOf(world).getTime() - HOUR);
  const { caller, stopped } = world;
  const { principal, workspace, org } = base;
  if (!principal || !workspace || !org)
    throw new Error('The fixture has a caller, a workspace and an organization.');
  const walls = { none: null, here: workspace.id, elsewhere: ELSEWHERE };
  return {
    ...base,
    killSwitch: stopped === 'platform' ? { enabled: true, reason: 'maintenance' } : null,
    orgKillSwitch:
      stopped === 'operator' || stopped === 'owners'
        ? { by: stopped === 'owners' ? 'owner' : 'operator', reason: 'stopped' }
        : null,
    principal: caller.known
      ? {
          ...principal,
          tokenWorkspaceId: walls[caller.wall],
          revoked: caller.revoked,
          expiresAt: caller.expired ? anHourAgo : null,
          memberId: caller.membership === 'none' ? null : principal.memberId,
          role: caller.membership === 'none' ? null : caller.role,
          memberStatus: caller.membership === 'none' ? null : caller.membership,
          grant: { canEdit: false, canDelete: false, canExecute: caller.mayExecute },
          beyondPlan: caller.beyondPlan,
        }
      : null,
    org: {
      ...org,
      planLimits: { ...NO_LIMITS, models: world.planModels, executionsPerMonth: world.executions.max },
    },
    workspace: { ...workspace, defaultProvider: world.defaultVendor },
    disabledProviders: world.orgOff,
    modelAliases: world.aliases.map(({ name, ofWorkspace, models }) => ({
      ...{ name, models: models.map((model) => withKeyId(model)) },
      workspaceId: ofWorkspace ? workspace.id : null,
    })),
    beyondPlan: {
      aiProviderIds: world.keys.filter(({ readOnly }) => readOnly).map(({ number }) => keyId(number)),
      workspace: world.workspaceReadOnly,
    },
    quotas: world.quotas.map(({ key, metric, enforced, max }, index) => ({
      ...{ id: `quo_01jd000000000000000000000${index}`, name: `Quota ${index}`, metric, max },
      scope: key === null ? { type: 'organization' as const } : { type: 'key' as const, id: keyId(key) },
      ...{ window: 'month' as const, mode: enforced ? ('enforce' as const) : ('monitor' as const) },
    })),
    priceOverrides: world.ownPrices.map((full) => {
      const cut = full.indexOf('/');
      return { provider: full.slice(0, cut), model: full.slice(cut + 1), ...PRICE };
    }),
    policies: world.policies.map((policy, index) => policyOf(policy, index, workspace.id)),
    assignments: inOrder(world.keys.filter(({ assigned }) => assigned !== null)).flatMap((key) =>
      key.assigned === null
        ? []
        : [
            gateAssignment(key.vendor, {
              aiProviderId: keyId(key.number),
              name: `key ${key.number}`,
              enabled: key.enabled,
              expiresAt: key.expired ? anHourAgo : null,
              secretId: key.hasSecret ? 'sec_01jd0000000000000000000000' : null,
              keyModels: key.models,
              keyDefaultModel: key.defaultModel,
              active: key.assigned.active,
              priority: key.assigned.priority,
              weight: key.assigned.weight,
              assignmentModels: key.assigned.models,
              assignmentDefaultModel: key.assigned.defaultModel,
            }),
          ],
    ),
  };
}

export function keyId(number: number): string {
  return `aip_01jd000000000000000000000${number}`;
}

/** `@key:3/model` with the key's id. */
export function withKeyId(model: string, idOf: (number: number) => string = keyId): string {
  return model.replace(/^@key:(\d+)\//, (_, number: string) => `@${idOf(Number(number))}/`);
}

export function modelOfRequest(
  { model }: RefRequest,
  idOf: (number: number) => string = keyId,
): string | undefined {
  return model === undefined ? undefined : withKeyId(model, idOf);
}

function policyOf({ scope, severity, rules }: RefPolicy, index: number, workspaceId: string): StatePolicy {
  const scopes = {
    organization: { type: 'organization' as const },
    workspace: { type: 'workspace' as const, id: workspaceId },
    token: { type: 'token' as const, id: 'tok_01jd0000000000000000000000' },
  };
  return {
    ...{ id: `pol_01jd000000000000000000000${index}`, name: `Policy ${index}`, severity, rules, version: 1 },
    scope: scopes[scope],
  };
}
