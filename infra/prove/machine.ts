import { execFileSync } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';

/** What figures depend on: the class of the machine, never which one it was. */
export interface MachineClass {
  cores: number;
  memoryGiB: number;
  platform: string;
  node: string;
}

export function machineClass(): MachineClass {
  return {
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}

/** The commit that was proved, with `+changes` when the tree was not clean; null without git. */
export function commitOf(root: string): string | null {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changes = git('status', '--porcelain', '--', '.', ':!infra/prove/results');
    return git('rev-parse', 'HEAD') + (changes === '' ? '' : '+changes');
  } catch {
    return null;
  }
}
