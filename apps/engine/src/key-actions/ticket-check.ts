import {
  beyondPlanRefusal,
  isBeyondPlan,
  keyBeyondPlan,
  killSwitchRefusal,
  switchedOffRefusal,
  type Catalogue,
  type ProviderRecord,
} from '#lib/catalog';
import { forbidden, roleAllows } from '#lib/access';
import {
  ClavigerError,
  notFound,
  type AuthorisedState,
  type EngineTicket,
  type Permission,
  type StateAssignment,
  type TicketAction,
} from '#lib/contracts';

/** The key that a ticket may act on now. */
export interface TicketKey {
  assignment: StateAssignment;
  provider: ProviderRecord;
}

const PERMISSIONS: Record<TicketAction, Permission> = {
  test: 'aiProviders:TestAiProvider',
  'list-models': 'aiProviders:ListAiProviderModels',
};

/**
 * The key of a ticket, when whom it speaks for may still do this. A disabled key passes: one tests it before enabling it. Throws
 * ai_disabled, forbidden, not_found, provider_disabled, no_provider_key or plan_read_only.
 */
export function ticketKey(state: AuthorisedState, ticket: EngineTicket, catalogue: Catalogue): TicketKey {
  const killed = killSwitchRefusal(state);
  if (killed) throw new ClavigerError(killed.code, killed.detail);
  const permission = PERMISSIONS[ticket.action];
  const { principal } = state;
  if (principal?.memberStatus !== 'active' || !principal.role || !roleAllows(principal.role, permission))
    throw forbidden(permission);
  const assignment = state.assignments.find((candidate) => candidate.aiProviderId === ticket.aiProviderId);
  if (!assignment) throw notFound();
  const provider = catalogue.provider(assignment.provider);
  if (!provider)
    throw new ClavigerError(
      'no_provider_key',
      'The key’s provider is no longer in the catalogue. The platform operator can bring it back.',
    );
  if (!provider.enabled) {
    const { code, detail, extras } = switchedOffRefusal(catalogue, [provider.slug]);
    throw new ClavigerError(code, detail, { extras });
  }
  if (state.disabledProviders.includes(provider.slug)) {
    throw new ClavigerError(
      'provider_disabled',
      `${provider.name} is switched off for this organization. An OWNER can switch it on under Settings → AI Providers.`,
    );
  }
  const beyond =
    beyondPlanRefusal(state) ?? (isBeyondPlan(state, assignment) && keyBeyondPlan(state, assignment));
  if (beyond) throw new ClavigerError(beyond.code, beyond.detail, { extras: beyond.extras });
  return { assignment, provider };
}
