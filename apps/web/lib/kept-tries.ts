import type { Agent } from './api/types';

const MOST = 20;

interface KeptTry {
  runId: string;
  agent: Agent;
}

function storageKey(workspaceId: string): string {
  return `claviger-tries-${workspaceId}`;
}

function read(workspaceId: string): KeptTry[] {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey(workspaceId)) ?? '[]') as KeptTry[];
  } catch {
    return [];
  }
}

/**
 * Keeps in this tab what a try asked: the engine forgets it with the run's end. Up to twenty of a workspace, gone with the
 * tab. What a policy does not let be kept is not put here where that is known, and not asked for again.
 */
export function keepTry(workspaceId: string, runId: string, agent: Agent): void {
  const others = read(workspaceId).filter((kept) => kept.runId !== runId);
  try {
    const kept = [{ runId, agent }, ...others].slice(0, MOST);
    sessionStorage.setItem(storageKey(workspaceId), JSON.stringify(kept));
  } catch {
    // A full or forbidden storage: the run is then not to be run again from here.
  }
}

/** What the run was asked, where this tab tried it; null otherwise. */
export function keptTry(workspaceId: string, runId: string): Agent | null {
  return read(workspaceId).find((kept) => kept.runId === runId)?.agent ?? null;
}
