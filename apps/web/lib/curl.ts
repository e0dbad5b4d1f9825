import type { TokenKind } from './api/types';

/** A shell line that tries a token out. Where the token may serve any workspace, the first one is filled in. */
export function curlFor(
  kind: TokenKind,
  token: string,
  workspaceId: string | undefined,
  origin: string,
): string {
  if (kind === 'api') {
    return [`curl ${origin}/api/v1/ai-providers \\`, `  -H 'Authorization: Bearer ${token}'`].join('\n');
  }
  const body = JSON.stringify({ nodeExecutionId: 'first-try', agent: { prompt: 'Say hello.' } });
  return [
    `curl ${origin}/engine/internal/v1/workspaces/${workspaceId ?? 'ws_…'}/agent-runs \\`,
    `  -H 'Authorization: Bearer ${token}' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '${body}'`,
  ].join('\n');
}
