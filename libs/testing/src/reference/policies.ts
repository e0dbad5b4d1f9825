import { globMatches, modelOf, vendorOf } from './words.js';
import type { RefKey, RefRequest, RefRule, RefWorld } from './world.js';

const DAY = 24 * 60;
const WEEK = 7 * DAY;

/** Only HIGH closes the gate; every scope counts, and none lifts what another says (46). */
function highRules(world: RefWorld): RefRule[] {
  const rules: RefRule[] = [];
  for (const policy of world.policies) if (policy.severity === 'HIGH') rules.push(...policy.rules);
  return rules;
}

/** What the call is, whatever model it gets: its surface, its tools, its output limit. */
export function callForbidden(world: RefWorld, request: RefRequest): boolean {
  for (const rule of highRules(world)) {
    if (rule.type === 'surfaces') {
      const { surface } = request;
      if (surface !== undefined && rule.deny?.includes(surface)) return true;
      // A call without a surface is none of the allowed ones.
      if (rule.allow && (surface === undefined || !rule.allow.includes(surface))) return true;
    }
    if (rule.type === 'tools') {
      for (const tool of request.tools) {
        if (rule.deny?.some((glob) => globMatches(glob, tool.name))) return true;
        if (rule.allow && !rule.allow.some((glob) => globMatches(glob, tool.name))) return true;
        if (rule.kinds && !rule.kinds.includes(tool.kind)) return true;
      }
    }
    // A call that names no limit is given one, and breaks nothing.
    if (rule.type === 'max_output_tokens' && request.maxOutputTokens !== undefined) {
      if (request.maxOutputTokens > rule.max) return true;
    }
    if (rule.type === 'time_window' && !isOpen(rule, world.minuteOfWeek)) return true;
  }
  return false;
}

/** Whether a window is open, minute by minute: from each of its days at `from`, until `to` comes next. */
function isOpen(rule: Extract<RefRule, { type: 'time_window' }>, minuteOfWeek: number): boolean {
  const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  const behind = Number(rule.timeZone.replace('Etc/GMT', '')) * 60;
  const [from, to] = [minuteOf(rule.from), minuteOf(rule.to)];
  const length = to > from ? to - from : to - from + DAY;
  for (const day of rule.days) {
    const since = (minuteOfWeek - behind - (day * DAY + from) + 2 * WEEK) % WEEK;
    if (since < length) return true;
  }
  return false;
}

/**
 * What refuses a model with this key: a policy, or (53) an enforced budget where nobody knows what it costs, since what cannot be
 * priced cannot be held under a cap.
 */
export function modelRefused(world: RefWorld, key: RefKey, model: string): string | undefined {
  if (modelForbidden(world, key.vendor, model)) return 'policy_violation';
  for (const quota of world.quotas) {
    if (quota.metric !== 'cost_micro_usd' || !quota.enforced) continue;
    if (quota.key !== null && quota.key !== key.number) continue;
    if (!hasPrice(world, key.vendor, model)) return 'model_not_available';
  }
  return undefined;
}

function hasPrice(world: RefWorld, slug: string, model: string): boolean {
  if (world.ownPrices.includes(`${slug}/${model}`)) return true;
  const vendor = vendorOf(world, slug);
  return vendor !== undefined && modelOf(vendor, model)?.priced === true;
}

export function vendorForbidden(world: RefWorld, slug: string): boolean {
  for (const rule of highRules(world)) {
    if (rule.type !== 'providers') continue;
    if (rule.deny?.includes(slug)) return true;
    if (rule.allow && !rule.allow.includes(slug)) return true;
  }
  return false;
}

/** A model of a forbidden provider is forbidden with it. */
function modelForbidden(world: RefWorld, slug: string, model: string): boolean {
  if (vendorForbidden(world, slug)) return true;
  const named = (globs: string[]): boolean =>
    globs.some((glob) => globMatches(glob, model) || globMatches(glob, `${slug}/${model}`));
  for (const rule of highRules(world)) {
    if (rule.type !== 'models') continue;
    if (rule.deny && named(rule.deny)) return true;
    if (rule.allow && !named(rule.allow)) return true;
  }
  return false;
}
