import type { Installation } from '../series/installation.js';
import { Person } from '../series/people.js';
import type { Caller } from '../series/runs.js';

/** An organization with one workspace that is called at every engine, and the key that it has at first. */
export interface Tenant {
  owner: Person;
  workspaceId: string;
  callers: Caller[];
  key: { id: string; secret: string };
}

let secrets = 0;

/** A key value that was never used before. */
export function freshSecret(): string {
  return `sk-rotate-${String((secrets += 1)).padStart(5, '0')}-0123456789abcdef`;
}

export async function addKey(
  { upstream }: Installation,
  owner: Person,
): Promise<{ id: string; secret: string }> {
  const secret = freshSecret();
  const settings = { provider: 'openai', secret, baseUrl: upstream.baseUrls.openai };
  const { id } = await owner.make('/ai-providers', { name: secret.slice(0, 15), ...settings });
  return { id, secret };
}

export async function makeTenant(scene: Installation, name: string): Promise<Tenant> {
  const owner = await Person.signUp(scene.api.url, `${name}@prove.test`);
  const { id: workspaceId } = await owner.make('/workspaces', { name });
  const key = await addKey(scene, owner);
  await assign(owner, workspaceId, [key.id]);
  const { token } = await owner.make('/tokens', { name, kind: 'engine' });
  const headers = { authorization: `Bearer ${token}` };
  const callers = scene.engines.map(({ url }) => ({ engine: url, workspaceId, headers }));
  return { owner, workspaceId, callers, key };
}

/** Hands the workspace these keys, the first one first. Answers the id of the request. */
export async function assign(owner: Person, workspaceId: string, keyIds: readonly string[]): Promise<string> {
  const assignments = keyIds.map((aiProviderId, priority) => ({ aiProviderId, priority }));
  return (await owner.ok('PUT', `/workspaces/${workspaceId}/ai-providers`, { assignments })).requestId;
}
