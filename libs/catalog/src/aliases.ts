import type { ListedAlias, ModelAlias } from '#lib/contracts';
import { namesModel } from './curation.js';
import { evaluate as evaluateModel } from './evaluate.js';
import type { Evaluation, GateAssignment, GateState, ModelRequest, PolicyGate } from './gate-types.js';
import { unpin } from './pins.js';
import type { Catalogue } from './types.js';

type Refused = Extract<Evaluation, { ok: false }>;

/**
 * The one resolver, with the organization's aliases on top: an alias stands for the first model of its list that passes
 * every gate, as if the caller had named that one. It opens nothing: each model of the list is judged like any other. See
 * `evaluateModel` for the gates.
 */
export function evaluate<A extends GateAssignment>(
  state: GateState<A>,
  catalogue: Catalogue,
  request: ModelRequest,
  now: Date,
  policies: PolicyGate,
): Evaluation<A> {
  const asked = unpin(state, catalogue, request);
  const wanted = within(state, asked);
  const alias = aliasOf(state, catalogue, wanted.model);
  const isNoProvider = wanted.provider !== undefined && !catalogue.provider(wanted.provider);
  if (!alias || isNoProvider) return evaluateModel(state, catalogue, asked, now, policies);
  const tries = alias.models.flatMap((model) => {
    const meant = meaning(state, wanted, unpin(state, catalogue, { model }));
    return meant ? [{ model, verdict: evaluateModel(state, catalogue, meant, now, policies) }] : [];
  });
  const stands = `Alias "${alias.name}" stands for ${alias.models.join(', ')}`;
  const found = tries.find(({ verdict }) => verdict.ok)?.verdict;
  if (found) {
    const trace = found.trace.map((entry) =>
      entry.gate === 'provider' ? { ...entry, detail: `${stands}. ${entry.detail}` } : entry,
    );
    return { ...found, trace };
  }
  if (tries.length > 0) return refused(alias, stands, tries);
  // With no model to judge, the gates that are about no model still speak first.
  const plain = evaluateModel(state, catalogue, asked, now, policies);
  return isOfNoModel(plain) ? plain : refused(alias, stands, []);
}

/** The request with the provider of the key that it pins: that key's provider is not left either. */
function within(state: GateState, wanted: ModelRequest): ModelRequest {
  const pinned = state.assignments.find(({ aiProviderId }) => aiProviderId === wanted.pin);
  return pinned ? { ...wanted, provider: pinned.provider } : wanted;
}

/** Whether a refusal is about the caller or the platform, not about any model. */
function isOfNoModel(verdict: Evaluation): boolean {
  return !verdict.ok && (verdict.gate === 'kill_switch' || verdict.gate === 'token');
}

/** Whether a name means a model here: one of the catalogue, or one that a key of the workspace names. It wins over an alias. */
export function isRealModel(
  state: Pick<GateState, 'assignments'>,
  catalogue: Catalogue,
  name: string,
): boolean {
  if (catalogue.providersListing(name).length > 0) return true;
  return state.assignments.some((assignment) => {
    const provider = catalogue.provider(assignment.provider);
    return provider !== undefined && namesModel(catalogue, provider, assignment, name);
  });
}

/** What each alias stands for in this workspace now, for whoever may run agents in it; by name. */
export function listAliases(
  state: GateState,
  catalogue: Catalogue,
  now: Date,
  policies: PolicyGate,
): ListedAlias[] {
  const names = [...new Set(state.modelAliases.map((alias) => alias.name))].sort();
  const ofRunner: GateState = { ...state, principal: RUNNER };
  return names.flatMap((name): ListedAlias[] => {
    const alias = aliasOf(state, catalogue, name);
    if (!alias) return [];
    const { models } = alias;
    const verdict = evaluate(ofRunner, catalogue, { model: name }, now, policies);
    if (!verdict.ok)
      return [{ name, models, model: null, provider: null, code: verdict.code, detail: verdict.detail }];
    const { model, provider } = verdict.choice;
    return [{ name, models, model, provider: provider.slug, code: null, detail: null }];
  });
}

/** A list says what the workspace may use, whoever reads it: whether its reader may run agents is asked when they do. */
const RUNNER: GateState['principal'] = {
  kind: 'ticket',
  id: '',
  revoked: false,
  expiresAt: null,
  userId: '',
  memberId: null,
  role: 'OWNER',
  memberStatus: 'active',
  grant: null,
  beyondPlan: false,
};

/** The alias of this name: the workspace's own before the organization's, a real model before either. */
function aliasOf(state: GateState, catalogue: Catalogue, name: string | undefined): ModelAlias | undefined {
  if (name === undefined) return undefined;
  const called = state.modelAliases.filter((alias) => alias.name === name);
  if (called.length === 0 || isRealModel(state, catalogue, name)) return undefined;
  return called.find((alias) => alias.workspaceId !== null) ?? called[0];
}

/** The request with one model of an alias in place of it; null for one that pins another key or provider than the caller did. */
function meaning(state: GateState, wanted: ModelRequest, listed: ModelRequest): ModelRequest | null {
  const { provider } = within(state, listed);
  if (wanted.pin !== undefined && listed.pin !== undefined && wanted.pin !== listed.pin) return null;
  if (wanted.provider !== undefined && provider !== undefined && wanted.provider !== provider) return null;
  return { ...wanted, ...listed };
}

function refused<A extends GateAssignment>(
  { name, models }: ModelAlias,
  stands: string,
  tries: { model: string; verdict: Evaluation<A> }[],
): Evaluation<A> {
  const refusals = tries.flatMap(({ model, verdict }) => (verdict.ok ? [] : [{ model, verdict }]));
  const told = refusals.find(({ verdict }) => verdict.gate === 'capability') ?? refusals[0];
  if (told && isOfNoModel(told.verdict)) return told.verdict;
  const why = told ? ` ${told.model}: ${told.verdict.detail}` : '';
  const detail = `${stands}, and this workspace may use none of them here.${why} An OWNER or ADMIN can change the alias under Settings → Workspaces.`;
  const { code, gate, extras, trace } = told?.verdict ?? nothingTried();
  const isKnown = code !== 'validation_failed';
  return {
    ok: false,
    gate,
    code: isKnown ? code : 'model_not_available',
    detail,
    extras: { ...(isKnown && extras), alias: name, models },
    trace: trace.map((entry) => (entry.ok ? entry : { ...entry, detail })),
  };
}

function nothingTried(): Refused {
  return {
    ok: false,
    gate: 'provider',
    code: 'model_not_available',
    detail: '',
    trace: [{ gate: 'provider', ok: false, detail: '' }],
  };
}
