import { LRUCache } from 'lru-cache';
import type { PolicyRefusal, StatePolicy } from '#lib/contracts';
import {
  actingRules,
  contentRefusal,
  isContentRule,
  joinContent,
  policyContent,
  type PolicyContent,
  type UnfitPolicy,
} from '#lib/limits';
import { violationBy, type PolicyViolation } from './policy-violation.js';

/** Compiled policies, by id and version: a version never changes. */
const compiled = new LRUCache<string, PolicyContent | UnfitPolicy>({ max: 2_000 });
/** What the policies of one reading of the state ask together. */
const joined = new WeakMap<readonly StatePolicy[], PolicyContent>();

const NOTHING: PolicyContent = joinContent([]);

/** What the policies that cover a call ask of what is said. Throws PolicyViolation for a rule that cannot be applied here. */
export function contentOf(policies: readonly StatePolicy[]): PolicyContent {
  const known = joined.get(policies);
  if (known) return known;
  const concerned = policies.filter(({ rules }) => rules.some(isContentRule));
  const content = concerned.length === 0 ? NOTHING : joinContent(concerned.map(compiledOf));
  joined.set(policies, content);
  return content;
}

/**
 * Throws PolicyViolation when `now` has rules that change, stop or refuse what is said and that a run did not begin with: nothing of
 * what it said so far was read by them, and what has left cannot be taken back.
 */
export function assertBeganWith(began: PolicyContent, now: readonly StatePolicy[]): void {
  const content = contentOf(now);
  if (content === began) return;
  const known = actingRules(began);
  const fresh = [...actingRules(content)].find(([rule]) => !known.has(rule));
  if (fresh)
    throw violationBy(
      contentRefusal(
        fresh[1],
        'began before this rule was there, and what it said until now was not read by it',
      ),
    );
}

function compiledOf(policy: StatePolicy): PolicyContent {
  const key = `${policy.id} ${policy.version}`;
  const content = compiled.get(key) ?? policyContent(policy);
  compiled.set(key, content);
  if ('unfit' in content) throw unfit(content);
  return content;
}

/** The control plane saves no such rule; one that a newer version saved must not be passed over in silence. */
function unfit({ unfit: placed }: UnfitPolicy): PolicyViolation {
  const broken: PolicyRefusal = contentRefusal(
    placed,
    'falls under a rule that this version of the engine cannot apply',
  );
  return violationBy(broken);
}
