import type { Figures } from './figures.js';
import type { MachineClass } from './machine.js';

/** A result as it is written to `infra/prove/results` and committed. */
export interface Result {
  name: string;
  shows: string;
  holds: boolean;
  faults: string[];
  figures: Figures;
  /** The commit that was measured, whole: the tree did not differ from it before the run, nor after. */
  commit: string;
  machine: MachineClass;
  startedAt: string;
  seconds: number;
}

const COMMIT = /^[0-9a-f]{40}$/;

/** What a written result lacks, in words, whatever proof it is of. */
export function formFaults(result: Partial<Result>): string[] {
  const { name, commit, startedAt, machine, seconds, holds, faults } = result;
  const lacks: [boolean, string][] = [
    [typeof commit === 'string' && COMMIT.test(commit), `names no commit: ${String(commit)}`],
    [startedAt !== undefined && !Number.isNaN(Date.parse(startedAt)), 'names no date'],
    [typeof machine?.cores === 'number' && typeof machine.node === 'string', 'names no class of machine'],
    [typeof seconds === 'number' && seconds > 0, 'names no duration'],
    [holds === true, `does not hold: ${faults?.join('; ') ?? ''}`],
    [Array.isArray(faults) && faults.length === 0, 'names faults'],
  ];
  return lacks.filter(([isThere]) => !isThere).map(([, what]) => `${String(name)} ${what}`);
}
