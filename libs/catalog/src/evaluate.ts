import type {
  Evaluation,
  Gate,
  GateAssignment,
  GateState,
  GateTrace,
  ModelChoice,
  ModelRequest,
  PolicyGate,
  Refusal,
} from './gate-types.js';
import { disabledRefusal, noKeyRefusal, switchedOffRefusal, usableKeys } from './key-gate.js';
import { namesModel } from './curation.js';
import { modelVerdict, type ModelVerdict } from './model-gate.js';
import { effectivePrice } from './price-book.js';
import { withinPlan } from './plan-gate.js';
import { killSwitchRefusal, principalRefusal } from './principal-gate.js';
import { providerTargets } from './provider-targets.js';
import type { Catalogue } from './types.js';

/**
 * Decides whether a call may be made, with which key and which model; the one resolver that runs, `resolve` and the
 * model list share. Gates in the order of API.md: kill switch → token → provider known → org gate → assigned active key
 * → plan → policy → curated list → capability. Rate and budget need counters and come after it.
 *
 * @param state what the database says now; the function reads nothing else.
 * @param wanted what is asked for, its pins read (`unpin`): its model is judged, and sent, as it is.
 * @param now wall-clock time, for expiry.
 * @param policies what the state's policies say of this call.
 * @returns the choice and what each gate said, or the first refusal. Never throws on bad requests.
 */
export function evaluate<A extends GateAssignment>(
  state: GateState<A>,
  catalogue: Catalogue,
  wanted: ModelRequest,
  now: Date,
  policies: PolicyGate,
): Evaluation<A> {
  const trace: GateTrace[] = [];
  const pass = (gate: Gate, detail: string) => trace.push({ gate, ok: true, detail });
  const stop = (gate: Gate, refusal: Refusal): Evaluation<A> => {
    trace.push({ gate, ok: false, detail: refusal.detail });
    return { ok: false, gate, ...refusal, trace };
  };
  const killed = killSwitchRefusal(state);
  if (killed) return stop('kill_switch', killed);
  pass('kill_switch', 'AI calls are switched on.');

  const refused = principalRefusal(state, now);
  if (refused) return stop('token', refused);
  pass('token', 'The caller may run agents in this workspace.');

  const targets = providerTargets(state, catalogue, wanted, now);
  if ('refusal' in targets) return stop(targets.gate, targets.refusal);
  const offered = targets.slugs.filter((slug) => catalogue.provider(slug)?.enabled !== false);
  if (offered.length === 0) return stop('provider', switchedOffRefusal(catalogue, targets.slugs));
  pass('provider', `Provider: ${offered.join(', ')}.`);

  const open = offered.filter((slug) => !state.disabledProviders.includes(slug));
  if (open.length === 0) return stop('org_gate', disabledRefusal(catalogue, offered));
  pass('org_gate', `Switched on for the organization: ${open.join(', ')}.`);

  const isMeant = (key: A) =>
    open.includes(key.provider) &&
    (!wanted.pin || key.aiProviderId === wanted.pin) &&
    (!targets.byName || namesModel(catalogue, catalogue.provider(key.provider)!, key, wanted.model ?? ''));
  const usable = usableKeys(state, catalogue, now).filter(isMeant);
  if (usable.length === 0) return stop('key', noKeyRefusal(state, catalogue, open, now));
  pass(
    'key',
    `Usable keys, in order: ${usable.map((key) => `"${key.name}" (${key.aiProviderId})`).join(', ')}.`,
  );

  const plan = withinPlan(state, catalogue, usable, wanted, policies);
  if ('refusal' in plan) return stop('plan', plan.refusal);
  const { keys } = plan;
  pass('plan', planDetail(state, usable, keys));
  if (policies.call) return stop('policy', policies.call);
  const verdicts = keys.map((key) =>
    modelVerdict(catalogue, catalogue.provider(key.provider)!, key, wanted, policies),
  );
  const candidates = verdicts.flatMap((verdict) => (verdict.ok ? [priced(state, verdict.choice)] : []));
  const choice = candidates[0];
  if (!choice) return stopAtModel(verdicts, pass, stop, policies);
  pass('policy', policies.passed);
  pass('curated', `Model "${choice.model}" by step ${choice.step} of the model order.`);
  pass(
    'capability',
    `Tools: ${choice.modelInfo.capabilities.tools}${wanted.needsTools ? ', needed' : ', not needed'}.`,
  );
  return { ok: true, choice, candidates, trace };
}

/** The choice with the price that its calls are charged at. */
function priced<A extends GateAssignment>(
  { priceOverrides }: GateState<A>,
  choice: ModelChoice<A>,
): ModelChoice<A> {
  const price = effectivePrice(priceOverrides, choice.modelInfo);
  return { ...choice, modelInfo: { ...choice.modelInfo, price } };
}

function planDetail(state: GateState, usable: GateAssignment[], keys: GateAssignment[]): string {
  const left = usable.filter((key) => !keys.includes(key)).map(({ name }) => `"${name}"`);
  const allows = `Plan "${state.org?.plan ?? ''}" allows caller, workspace, key and model.`;
  return left.length === 0 ? allows : `${allows} Passed over by its limits: ${left.join(', ')}.`;
}

function stopAtModel<A extends GateAssignment>(
  verdicts: ModelVerdict<A>[],
  pass: (gate: Gate, detail: string) => void,
  stop: (gate: Gate, refusal: Refusal) => Evaluation<A>,
  policies: PolicyGate,
): Evaluation<A> {
  // The key that comes first speaks for all, unless a later one got further.
  const refusals = verdicts.filter((verdict) => !verdict.ok);
  const at = (gate: Gate) => refusals.find((verdict) => verdict.gate === gate);
  const furthest = at('capability') ?? at('curated') ?? refusals[0]!;
  if (furthest.gate === 'policy') return stop('policy', furthest.refusal);
  pass('policy', policies.passed);
  if (furthest.gate === 'capability') pass('curated', 'The curated lists allow it.');
  return stop(furthest.gate, furthest.refusal);
}
