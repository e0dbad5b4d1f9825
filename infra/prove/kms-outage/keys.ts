import type { Installation } from '../series/installation.js';
import { Person } from '../series/people.js';

/** A key that one workspace has alone, sealed by the control plane, and who calls there. */
export interface OutageKey {
  workspaceId: string;
  headers: Record<string, string>;
}

export async function makeKeys({ api, upstream }: Installation, count: number): Promise<OutageKey[]> {
  const owner = await Person.signUp(api.url, 'outage@prove.test');
  const { token } = await owner.make('/tokens', { name: 'outage', kind: 'engine' });
  const keys: OutageKey[] = [];
  for (let at = 0; at < count; at += 1) {
    const { id: workspaceId } = await owner.make('/workspaces', { name: `outage-${at}` });
    const secret = `sk-outage-${String(at).padStart(5, '0')}-0123456789abcdef`;
    const settings = { provider: 'openai', secret, baseUrl: upstream.baseUrls.openai };
    const { id: aiProviderId } = await owner.make('/ai-providers', { name: `outage-${at}`, ...settings });
    await owner.ok('PUT', `/workspaces/${workspaceId}/ai-providers`, {
      assignments: [{ aiProviderId, priority: 0 }],
    });
    keys.push({ workspaceId, headers: { authorization: `Bearer ${token}` } });
  }
  return keys;
}
