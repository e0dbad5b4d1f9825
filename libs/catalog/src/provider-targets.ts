import type { Gate, GateAssignment, GateState, ModelRequest, Refusal } from './gate-types.js';
import { noKeyRefusal, usableKeys } from './key-gate.js';
import { namesModel, serving } from './curation.js';
import { isTypo } from './pins.js';
import { noProvider } from './quoted.js';
import { whichModels } from './which-models.js';
import type { Catalogue } from './types.js';

/**
 * The providers that a request is about, before any gate has looked at them, and whether only their keys that name the model are
 * (`byName`); or the refusal of what names none.
 */
export type Targets = { slugs: string[]; byName?: boolean } | { gate: Gate; refusal: Refusal };

/**
 * Provider choice of PRODUCT #13: named by pin or request; else the providers of assigned keys that serve the model;
 * with nothing given the workspace's default provider, else the one of the assignment that comes first.
 */
export function providerTargets(
  state: GateState,
  catalogue: Catalogue,
  request: ModelRequest,
  now: Date,
): Targets {
  if (request.pin) return pinned(state, request, request.pin, catalogue, now);
  if (request.provider) return named(catalogue, request.provider, isTypo(request));
  if (request.model) return serversOf(state, catalogue, request.model);
  if (state.workspace?.defaultProvider) return byDefault(catalogue, state.workspace);
  return first(state, catalogue, now);
}

/** @param isPin whether a model named it: one whose own id begins with an @ is told how to be named */
function named(catalogue: Catalogue, slug: string, isPin = false): Targets {
  if (catalogue.provider(slug)) return { slugs: [slug] };
  const valid = catalogue.providers.map((provider) => provider.slug);
  const own = isPin
    ? ' A model whose own id begins with an @ is named with its provider, as in @custom/@vendor/model; an OWNER can add it to the curated models of a key.'
    : '';
  const detail = `${noProvider(slug)} Use one of: ${valid.join(', ')}.${own}`;
  const errors = [{ pointer: '/provider', detail }];
  return { gate: 'provider', refusal: { code: 'validation_failed', detail, extras: { valid }, errors } };
}

/** The workspace's default provider, which an operator may have taken away since. */
function byDefault(
  catalogue: Catalogue,
  { name, defaultProvider }: NonNullable<GateState['workspace']>,
): Targets {
  const found = named(catalogue, defaultProvider ?? '');
  if ('slugs' in found) return found;
  const { code, extras } = found.refusal;
  const detail =
    `The default provider of workspace "${name}", "${defaultProvider ?? ''}", is none that the platform has. Name a provider in the ` +
    'request; an OWNER or ADMIN can choose another default under Settings → Workspaces.';
  return { gate: found.gate, refusal: { code, detail, extras } };
}

function pinned(
  state: GateState,
  { provider }: ModelRequest,
  pin: string,
  catalogue: Catalogue,
  now: Date,
): Targets {
  const assignment = state.assignments.find((candidate) => candidate.aiProviderId === pin);
  if (assignment) return { slugs: [assignment.provider] };
  // Whose key it was is in the request when a run that had it is asked about again; an id alone tells nobody.
  const { code, extras } = noKeyRefusal(state, catalogue, provider ? [provider] : [], now);
  const detail =
    `The key ${pin.slice(0, 64)} is not assigned to workspace "${state.workspace?.name ?? ''}". ` +
    'An OWNER can assign it under Settings → Workspaces.';
  return { gate: 'key', refusal: { code, detail, extras } };
}

function serversOf(state: GateState, catalogue: Catalogue, model: string): Targets {
  const listing = catalogue.providersListing(model);
  const naming = slugsOf(state, (assignment) => {
    const provider = catalogue.provider(assignment.provider);
    return provider !== undefined && namesModel(catalogue, provider, assignment, model);
  });
  if (naming.length > 0) return { slugs: naming, byName: true };
  if (listing.length > 0) return { slugs: listing };
  // Only an id that the catalogue knows nowhere goes to a provider that takes any id: a Claude model must not end up at
  // somebody's Ollama because that key comes first.
  const open = slugsOf(state, (assignment) => {
    const provider = catalogue.provider(assignment.provider);
    return provider !== undefined && serving(catalogue, provider, assignment, model) === 'yes';
  });
  if (open.length > 0) return { slugs: open };
  const detail =
    `No provider of this workspace has a model "${model.slice(0, 128)}". ` +
    whichModels(model, 'a key whose provider serves it');
  return { gate: 'provider', refusal: { code: 'model_not_available', detail, extras: { model } } };
}

function first(state: GateState, catalogue: Catalogue, now: Date): Targets {
  const usable = usableKeys(state, catalogue, now);
  const best =
    usable.find(
      ({ provider }) =>
        !state.disabledProviders.includes(provider) && catalogue.provider(provider)?.enabled !== false,
    ) ?? usable[0];
  return best
    ? { slugs: [best.provider] }
    : { gate: 'key', refusal: noKeyRefusal(state, catalogue, [], now) };
}

function slugsOf(state: GateState, wanted: (assignment: GateAssignment) => boolean): string[] {
  return [...new Set(state.assignments.filter(wanted).map((assignment) => assignment.provider))];
}
