import type {
  Evaluation,
  Gate,
  GateAssignment,
  GateState,
  GateTrace,
  ModelRequest,
  Refusal,
} from './gate-types.js';
import { disabledRefusal, noKeyRefusal, usableKeys } from './key-gate.js';
import { namesModel, serving } from './curation.js';
import { modelVerdict, type ModelVerdict } from './model-gate.js';
import { killSwitchRefusal, principalRefusal } from './principal-gate.js';
import { providerTargets, unpin } from './provider-targets.js';
import type { Catalogue } from './types.js';

/**
 * Decides whether a call may be made, with which key and which model; the one resolver that runs, `resolve` and the
 * model list share. Gates in the order of API.md: kill switch → token → provider known → org gate → assigned active key
 * → plan → policy → curated list → capability. Rate and budget need counters and come after it.
 *
 * @param state what the database says now; the function reads nothing else.
 * @param now wall-clock time, for expiry.
 * @returns the choice and what each gate said, or the first refusal. Never throws on bad requests.
 */
export function evaluate<A extends GateAssignment>(
  state: GateState<A>,
  catalogue: Catalogue,
  request: ModelRequest,
  now: Date,
): Evaluation<A> {
  const trace: GateTrace[] = [];
  const pass = (gate: Gate, detail: string) => trace.push({ gate, ok: true, detail });
  const stop = (gate: Gate, refusal: Refusal): Evaluation<A> => {
    trace.push({ gate, ok: false, detail: refusal.detail });
    return { ok: false, gate, ...refusal, trace };
  };
  const wanted = unpin(request);

  const killed = killSwitchRefusal(state);
  if (killed) return stop('kill_switch', killed);
  pass('kill_switch', 'AI calls are switched on.');

  const refused = principalRefusal(state, now);
  if (refused) return stop('token', refused);
  pass('token', 'The caller may run agents in this workspace.');

  const targets = providerTargets(state, catalogue, wanted, now);
  if ('refusal' in targets) return stop(targets.gate, targets.refusal);
  pass('provider', `Provider: ${targets.slugs.join(', ')}.`);

  const open = targets.slugs.filter((slug) => !state.disabledProviders.includes(slug));
  if (open.length === 0) return stop('org_gate', disabledRefusal(catalogue, targets.slugs));
  pass('org_gate', `Switched on for the organization: ${open.join(', ')}.`);

  const keys = usableKeys(state, catalogue, now).filter(
    (key) => open.includes(key.provider) && (!wanted.pin || key.aiProviderId === wanted.pin),
  );
  if (keys.length === 0) return stop('key', noKeyRefusal(state, catalogue, open, now));
  pass(
    'key',
    `Usable keys, in order: ${keys.map((key) => `"${key.name}" (${key.aiProviderId})`).join(', ')}.`,
  );

  pass('plan', `Plan "${state.org?.plan ?? ''}" allows it.`);
  pass('policy', 'No policy applies.');

  const verdicts = bestFirst(keys, catalogue, wanted).map((key) =>
    modelVerdict(catalogue, catalogue.provider(key.provider)!, key, wanted),
  );
  const candidates = verdicts.flatMap((verdict) => (verdict.ok ? [verdict.choice] : []));
  const choice = candidates[0];
  if (!choice) return stopAtModel(verdicts, pass, stop);
  pass('curated', `Model "${choice.model}" by step ${choice.step} of the model order.`);
  pass(
    'capability',
    `Tools: ${choice.modelInfo.capabilities.tools}${wanted.needsTools ? ', needed' : ', not needed'}.`,
  );
  return { ok: true, choice, candidates, trace };
}

/** For a bare model id: keys that name it, before keys whose provider takes any id (see `providerTargets`). */
function bestFirst<A extends GateAssignment>(keys: A[], catalogue: Catalogue, wanted: ModelRequest): A[] {
  const model = wanted.model;
  if (!model || wanted.provider || wanted.pin) return keys;
  const naming = keys.filter((key) => namesModel(catalogue, catalogue.provider(key.provider)!, key, model));
  const able = naming.filter(
    (key) => serving(catalogue, catalogue.provider(key.provider)!, key, model) === 'yes',
  );
  return able.length > 0 ? able : naming.length > 0 ? naming : keys;
}

function stopAtModel<A extends GateAssignment>(
  verdicts: ModelVerdict<A>[],
  pass: (gate: Gate, detail: string) => void,
  stop: (gate: Gate, refusal: Refusal) => Evaluation<A>,
): Evaluation<A> {
  // The key that comes first speaks for all, unless a later one got further (to the capability gate).
  const refusals = verdicts.filter((verdict) => !verdict.ok);
  const furthest = refusals.find((verdict) => verdict.gate === 'capability') ?? refusals[0]!;
  if (furthest.gate === 'capability') pass('curated', 'The curated lists allow it.');
  return stop(furthest.gate, furthest.refusal);
}
