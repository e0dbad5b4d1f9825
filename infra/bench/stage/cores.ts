import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Who runs where. Without `taskset` nothing is pinned, and the result says so. */
export interface Cores {
  count: number;
  isPinned: boolean;
  /** The gateway's own core, whichever gateway it is. */
  gateway: string;
  /** For a second engine process: a core of its own where there are four, else one that it has to share. */
  second: string;
  /** The load, the upstream, the KMS and the database. */
  load: string;
}

/** Gives this process, and what it starts without being told otherwise, the cores of the load. */
export function takeCores(): Cores {
  const allowed = allowedCores();
  const count = allowed.length || availableParallelism();
  const [gateway = '0', ...others] = allowed;
  if (others.length === 0) return { count, isPinned: false, gateway, second: gateway, load: gateway };
  const second = count >= 4 ? (others.shift() ?? gateway) : (others[0] ?? gateway);
  const load = others.join(',');
  const pinned = spawnSync('taskset', ['-acp', load, String(process.pid)]);
  return { count, isPinned: pinned.status === 0, gateway, second, load };
}

/** `file` and its arguments, on these cores. */
export function pinned(
  cores: Cores,
  on: string,
  file: string,
  args: string[],
): { file: string; args: string[] } {
  return cores.isPinned ? { file: 'taskset', args: ['-c', on, file, ...args] } : { file, args };
}

/** The cores that this process may use, e.g. `0-3,6`; none where that cannot be told. */
function allowedCores(): string[] {
  const told = spawnSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' });
  const list = /list:\s*([\d,-]+)/.exec(told.stdout ?? '')?.[1] ?? '';
  return coresIn(list);
}

/** @param list as `taskset` prints it */
export function coresIn(list: string): string[] {
  return list
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, at) => String(first + at));
    });
}
