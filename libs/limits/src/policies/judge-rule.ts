import type { PolicyRule } from '#lib/contracts';
import type { CallFacts, TargetFacts, ToolFacts } from './facts.js';
import { matchesAny } from './glob.js';
import { isInside } from './time-window.js';

/** Rules about where a call goes; the others are about the call itself. */
export function isTargetRule(rule: PolicyRule): boolean {
  return rule.type === 'providers' || rule.type === 'models';
}

/** Rules that read what is said: they are bound where the messages are, not where keys and models are chosen. */
export function isContentRule(rule: Pick<PolicyRule, 'type'>): boolean {
  return ['pii', 'pattern', 'judge', 'retention'].includes(rule.type);
}

/** What a call does that the rule forbids, as half a sentence after "the call"; null when nothing, or when that is not known. */
export function callFault(rule: PolicyRule, facts: CallFacts): string | null {
  switch (rule.type) {
    case 'surfaces':
      return facts.surface === undefined ? null : surfaceFault(rule, facts.surface);
    case 'tools':
      return facts.tools === undefined ? null : toolsFault(rule, facts.tools);
    case 'max_output_tokens':
      return maxFault(rule.max, facts);
    case 'time_window':
      return isInside(rule, facts.now)
        ? null
        : `comes outside of the allowed time (${dayNames(rule.days)} ${rule.from} to ${rule.to}, ${rule.timeZone})`;
    case 'providers':
    case 'models':
    case 'pii':
    case 'pattern':
    case 'judge':
    case 'retention':
      return null;
    default:
      // A rule that a newer version wrote: what cannot be judged is not waved through.
      return 'falls under a rule that this version of the engine does not know';
  }
}

/** What a rule would have to know of a call and does not, as half a sentence; null when it can be judged. */
export function unknownFact(rule: PolicyRule, facts: CallFacts): string | null {
  switch (rule.type) {
    case 'surfaces':
      return facts.surface === undefined ? 'from which surface the call comes' : null;
    case 'tools':
      return facts.tools === undefined ? 'which tools the call brings' : null;
    case 'max_output_tokens':
      return facts.maxOutputTokens === undefined ? 'how many output tokens the call asks for' : null;
    case 'pii':
    case 'pattern':
    case 'judge':
      return 'what is said in the call';
    default:
      return null;
  }
}

/** What is wrong with where a call goes, as half a sentence; null when nothing. Rules over models say nothing of a whole provider. */
export function targetFault(rule: PolicyRule, { provider, model }: TargetFacts): string | null {
  if (rule.type === 'providers')
    return admits(rule, (slugs) => slugs.includes(provider)) ? null : `goes to the provider "${provider}"`;
  if (rule.type !== 'models' || model === null) return null;
  const allowed = admits(rule, (globs) => matchesAny(globs, model, `${provider}/${model}`));
  return allowed ? null : `uses the model "${model.slice(0, 128)}" of "${provider}"`;
}

/** Why a tool may not be used, as half a sentence; null when it may. */
export function toolFault(
  rule: Extract<PolicyRule, { type: 'tools' }>,
  { name, kind }: ToolFacts,
): string | null {
  if (rule.kinds && !rule.kinds.some((allowed) => allowed === kind))
    return name === null
      ? `brings tools of the kind "${kind}"`
      : `brings the tool "${name}" of the kind "${kind}"`;
  if (name === null) return null;
  return admits(rule, (globs) => matchesAny(globs, name)) ? null : `brings the tool "${name}"`;
}

function surfaceFault(
  rule: Extract<PolicyRule, { type: 'surfaces' }>,
  surface: string | null,
): string | null {
  if (admits(rule, (names) => surface !== null && names.includes(surface))) return null;
  return surface === null ? 'names no surface' : `comes from the surface "${surface.slice(0, 128)}"`;
}

function toolsFault(
  rule: Extract<PolicyRule, { type: 'tools' }>,
  tools: readonly ToolFacts[],
): string | null {
  for (const tool of tools) {
    const fault = toolFault(rule, tool);
    if (fault !== null) return fault;
  }
  return null;
}

function maxFault(max: number, { maxOutputTokens, underWay }: CallFacts): string | null {
  if (maxOutputTokens === undefined) return null;
  if (maxOutputTokens === null)
    return underWay ? `is under way without a limit, and ${max} output tokens are the most` : null;
  return maxOutputTokens > max ? `asks for ${maxOutputTokens} output tokens, and ${max} are the most` : null;
}

function admits(
  { allow, deny }: { allow?: string[]; deny?: string[] },
  matches: (list: string[]) => boolean,
): boolean {
  if (deny && matches(deny)) return false;
  return !allow || matches(allow);
}

function dayNames(days: readonly number[]): string {
  const names = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  return days.length === 7 ? 'every day' : days.map((day) => names[day] ?? day).join(', ');
}
