import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';

/** Runs git in a folder and answers what it printed, without the last line's end. Throws where it fails. */
export type Git = (...args: string[]) => string;

export function gitIn(folder: string): Git {
  return (...args) =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

/** What a checkout is: `null` for files without a repository of their own (an unpacked archive), or without git. */
export interface Tree {
  commit: string;
  /** What differs from the commit, results of proofs apart: they say themselves what they measured. */
  changes: string[];
  /** Only the newest commits are there, as in a clone with a depth. */
  isShallow: boolean;
}

export function treeOf(root: string, git: Git = gitIn(root)): Tree | null {
  try {
    // An archive that was unpacked inside somebody else's repository is no part of it.
    if (realpathSync(git('rev-parse', '--show-toplevel')) !== realpathSync(root)) return null;
    const changes = git('status', '--porcelain', '--', '.', ':!infra/prove/results');
    return {
      commit: git('rev-parse', 'HEAD'),
      changes: changes === '' ? [] : changes.split('\n'),
      isShallow: git('rev-parse', '--is-shallow-repository') === 'true',
    };
  } catch {
    return null;
  }
}

/** Why nothing that is measured here may be written down as a result; null where it may. */
export function notMeasurable(tree: Tree | null): string | null {
  if (!tree) return 'there is no git repository here, so no commit can be named';
  if (tree.changes.length === 0) return null;
  const some = tree.changes.slice(0, 5).join(', ');
  return `the tree differs from its commit (${tree.changes.length} files: ${some})`;
}

/** Whether `commit` is this checkout's own or one that it was made from. */
export function isAncestor(root: string, commit: string, git: Git = gitIn(root)): boolean {
  try {
    git('merge-base', '--is-ancestor', commit, 'HEAD');
    return true;
  } catch {
    return false;
  }
}
