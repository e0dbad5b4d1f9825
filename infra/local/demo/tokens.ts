import type { DemoClient } from './client.js';
import type { DemoMemory } from './memory.js';

/** Tokens for the workflow engine and for SDKs: shown once by the api, so the demo keeps its own between starts. */
export async function ensureTokens(
  owner: DemoClient,
  memory: DemoMemory,
  workspaceId: string,
  engine: DemoClient,
): Promise<Required<Pick<DemoMemory, 'engineToken' | 'workspaceToken'>>> {
  const engineToken = memory.engineToken;
  const works =
    engineToken !== undefined && (await accepted(engine.as({ bearer: engineToken }), workspaceId));
  if (works && memory.workspaceToken) return { engineToken, workspaceToken: memory.workspaceToken };
  const made = async (name: string, kind: 'engine' | 'workspace') =>
    (await owner.post<{ token: string }>('/api/v1/tokens', { name, kind, workspaceId })).token;
  return {
    engineToken: await made('Demo workflow engine', 'engine'),
    workspaceToken: await made('Demo SDK', 'workspace'),
  };
}

async function accepted(engine: DemoClient, workspaceId: string): Promise<boolean> {
  return engine.get(`/internal/v1/workspaces/${workspaceId}/models`).then(
    () => true,
    () => false,
  );
}
