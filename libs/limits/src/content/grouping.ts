import { bySureness, type Candidate, type Finding } from './findings.js';

/** Candidates that overlap one another: they are judged together. */
export interface Group {
  members: Candidate[];
  start: number;
  end: number;
}

/** A place to be replaced; `kind` is the surest of those that lie in it. */
export interface Span {
  start: number;
  end: number;
  kind: Candidate['kind'];
  blocks: boolean;
}

/** A group takes what starts within so many units of its start: a table of digits may overlap on and on, and must not be kept back whole. */
const GROUP_MAX = 256;

/** Puts candidates together as they become known, in the order of their starts. */
export class Grouping {
  #waiting: Candidate[] = [];
  #group: Group | undefined;
  #closedTo = 0;

  readonly add = (candidate: Candidate): void => {
    this.#waiting.push(candidate);
  };

  /** The groups that are closed when every start below `decided` is known. */
  close(decided: number): Group[] {
    const closed: Group[] = [];
    this.#waiting.sort((a, b) => a.start - b.start);
    let taken = 0;
    for (;;) {
      const group = this.#group;
      const full = group ? Math.min(endOf(group), group.start + GROUP_MAX) : Infinity;
      const candidate = this.#waiting[taken];
      if (candidate && candidate.start < Math.min(decided, full)) {
        taken += 1;
        if (group) group.members.push(candidate);
        else {
          const start = Math.max(candidate.start, this.#closedTo);
          this.#group = { members: [candidate], start, end: Math.max(start, candidate.end) };
        }
      } else {
        if (!group || full > decided || group.members.some((member) => member.open)) break;
        closed.push(group);
        this.#closedTo = group.end;
        this.#group = undefined;
      }
    }
    this.#waiting.splice(0, taken);
    return closed;
  }

  /** Where the group that is not closed yet starts; from there on nothing may be let go. */
  get openStart(): number {
    return this.#group?.start ?? Infinity;
  }
}

/** Members may have grown since they were added, the first ones above all. */
function endOf(group: Group): number {
  for (const { end } of group.members) if (end > group.end) group.end = end;
  return group.end;
}

/** What is reported of a group: for each rule the surest candidates that do not overlap, in the order of the text. */
export function findingsOf(group: Group): Finding[] {
  const chosen: Finding[] = [];
  for (const { ruleIndex, kind, start, end } of [...group.members].sort(bySureness)) {
    const taken = chosen.some((one) => one.ruleIndex === ruleIndex && one.start < end && start < one.end);
    if (!taken) chosen.push({ ruleIndex, kind, start, end });
  }
  return chosen.sort((a, b) => a.start - b.start || a.ruleIndex - b.ruleIndex);
}

/** All of a group is replaced, by what its surest member is: a part that one detector saw must not stay because another was surer. */
export function spanOf({ members, start, end }: Group): Span {
  const [surest] = [...members].sort(bySureness);
  const blocks = members.some(({ action }) => action === 'block');
  return { start, end, kind: surest?.kind ?? 'pattern', blocks };
}
