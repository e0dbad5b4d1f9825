import type { ErrorCode } from '#lib/contracts';
import { evaluate } from './aliases.js';
import type { Evaluation, Gate, GateAssignment, GateState, ModelRequest, PolicyGate } from './gate-types.js';
import { unpin } from './pins.js';
import type { Catalogue } from './types.js';

/** An assigned key that a call does not get, not even as an alternative. */
export interface PassedOverKey {
  aiProviderId: string;
  name: string;
  provider: string;
  /** The gate that it does not pass; `provider` where the call is about other keys. */
  gate: Gate;
  /** What a call that names this very key is refused with; null: nothing, the call only goes elsewhere. */
  code: ErrorCode | null;
  detail: string;
}

/**
 * Why each assigned key that `verdict` does not name was passed over ("Why this key?"), in the order of the state. The gates say it
 * themselves: they are asked for each key as if the request had pinned it. Nothing is said of keys where the call is refused for what
 * is about none of them (a kill switch, the caller).
 */
export function passedOver(
  state: GateState,
  catalogue: Catalogue,
  request: ModelRequest,
  now: Date,
  policies: PolicyGate,
  verdict: Evaluation,
): PassedOverKey[] {
  if (!verdict.ok && (verdict.gate === 'kill_switch' || verdict.gate === 'token')) return [];
  const wanted = unpin(state, catalogue, request);
  const given = new Set(
    verdict.ok ? verdict.candidates.map(({ assignment }) => assignment.aiProviderId) : [],
  );
  return state.assignments
    .filter(({ aiProviderId }) => !given.has(aiProviderId))
    .map((key) => {
      const { aiProviderId, name, provider } = key;
      const said = { aiProviderId, name, provider };
      const another = named(wanted, key);
      if (another) return { ...said, gate: 'provider', code: null, detail: another };
      const alone = evaluate(state, catalogue, { ...wanted, pin: aiProviderId }, now, policies);
      if (!alone.ok) return { ...said, gate: alone.gate, code: alone.code, detail: alone.detail };
      return { ...said, gate: 'provider', code: null, detail: elsewhere(state, wanted, key, verdict) };
    });
}

/** What of the request means other keys, or null. */
function named({ pin, provider }: ModelRequest, key: GateAssignment): string | null {
  if (pin === key.aiProviderId) return null;
  if (pin !== undefined) return `The request names the key ${pin.slice(0, 64)}.`;
  if (provider === undefined || provider === key.provider) return null;
  return `The request names the provider "${provider.slice(0, 64)}"; this is a key of ${key.provider}.`;
}

/** Why a key that could serve is not asked: the model, or the workspace, means others. */
function elsewhere(
  { workspace }: GateState,
  { model }: ModelRequest,
  key: GateAssignment,
  verdict: Evaluation,
): string {
  const chosen = verdict.ok ? verdict.choice : null;
  if (model !== undefined && chosen && chosen.model !== model)
    return `"${model.slice(0, 128)}" stands for "${chosen.model}" of ${chosen.provider.slug} here. An OWNER or ADMIN can change the alias under Settings → Workspaces.`;
  if (model !== undefined)
    return (
      `A call for "${model.slice(0, 128)}" goes to keys that name it, and this one does not. Send "@${key.provider}/…" with the ` +
      'request, or an OWNER can add the id to the curated models of the key.'
    );
  if (workspace?.defaultProvider)
    return (
      `The call goes to ${workspace.defaultProvider}, the default provider of workspace "${workspace.name}". Name a provider in the ` +
      'request; an OWNER or ADMIN can change the default under Settings → Workspaces.'
    );
  return (
    `The call goes to the provider of the assignment that comes first${chosen ? ` (${chosen.provider.slug})` : ''}. Name a provider ` +
    'in the request; an OWNER can change the order under Settings → Workspaces.'
  );
}
