import type { PolicyRefusal } from '#lib/contracts';
import type { Finding, FindingKind } from './findings.js';
import { actionAt, type JudgeRule, type PlacedRule, type PolicyContent } from './policy-content.js';
import type { Direction } from './rules.js';

/** Counts what rules found, by rule, side and kind. Places and texts are not kept: a finding's record never repeats what was found. */
export class ContentTally {
  readonly #counts = new Map<string, Map<FindingKind, number>>();

  constructor(private readonly content: Pick<PolicyContent, 'texts'>) {}

  add(findings: readonly Finding[], on: Direction): void {
    for (const { ruleIndex, kind } of findings) {
      const key = `${on} ${ruleIndex}`;
      const kinds = this.#counts.get(key) ?? new Map<FindingKind, number>();
      this.#counts.set(key, kinds.set(kind, (kinds.get(kind) ?? 0) + 1));
    }
  }

  /** The first rule that refuses what it found, as a refusal; null when none does. */
  blocked(): PolicyRefusal | null {
    return this.#broken(true)[0] ?? null;
  }

  /** What is only told: everything that was found and refused nothing. */
  noted(): PolicyRefusal[] {
    return this.#broken(false);
  }

  #broken(blocking: boolean): PolicyRefusal[] {
    return [...this.#counts].flatMap(([key, kinds]) => {
      const [on, ruleIndex] = key.split(' ');
      const placed = this.content.texts[Number(ruleIndex)];
      if (!placed || !('action' in placed.rule)) return [];
      const action = actionAt(placed.policy.severity, placed.rule.action);
      if ((action === 'block') !== blocking) return [];
      const done = action === 'redact' ? ', which was redacted' : '';
      return [
        contentRefusal(placed, `${VERBS[on === 'output' ? 'output' : 'input']} ${words(kinds)}${done}`),
      ];
    });
  }
}

const VERBS = { input: 'sends', output: 'is answered with' } as const;

/** What a judge said, or that it said nothing that counts. The reason that it gives may repeat what it judged, so it is not kept. */
export function judgeRefusal(
  placed: PlacedRule<JudgeRule>,
  on: Direction,
  came: 'violates' | { failed: string },
): PolicyRefusal {
  const what = on === 'input' ? 'what it sends' : 'its answer';
  const fault =
    came === 'violates'
      ? `breaks it with ${what}, as the policy’s judge ${placed.rule.model.slice(0, 128)} says`
      : `could not be judged by ${what}: the policy’s judge did not answer (${came.failed})`;
  return contentRefusal(placed, fault);
}

/** A broken rule, as its record has it. */
export function contentRefusal({ policy, index, rule }: PlacedRule, fault: string): PolicyRefusal {
  const { id, name, version, scope, severity } = policy;
  return {
    policy: { id, name, version },
    ...{ scope, severity, rule: { index, type: rule.type } },
    ...{ provider: null, model: null, fault },
  };
}

function words(kinds: ReadonlyMap<FindingKind, number>): string {
  return [...kinds]
    .map(([kind, count]) => {
      if (kind === 'unread') return 'text that is too long for its pattern to be judged';
      return `${count} × ${kind === 'pattern' ? 'what its pattern finds' : kind}`;
    })
    .join(', ');
}
