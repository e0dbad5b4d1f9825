import { EDITOR, enterOrg, known, type SignedIn } from './accounts.js';
import type { DemoClient } from './client.js';
import type { DemoMemory } from './memory.js';

interface Member {
  id: string;
  email: string;
  status: string;
}

/**
 * Brings the editor into the owner's organization as anybody without an account comes: invite link, a new account, approval,
 * grants. They belong to no other organization, so that whoever signs in as the editor sees an editor's Claviger.
 */
export async function ensureEditor(
  base: DemoClient,
  owner: SignedIn,
  memory: DemoMemory,
  workspaceId: string,
): Promise<SignedIn> {
  if (!(await editorOf(owner.client))) {
    const { token } = await owner.client.post<{ token: string }>('/api/v1/invites', { role: 'MEMBER' });
    const account = { email: EDITOR.email, name: EDITOR.name, password: memory.password };
    await base.exchange('POST', `/api/v1/invites/${token}/accept`, account);
  }
  const member = await editorOf(owner.client);
  if (!member) throw new Error('the editor accepted the invite but is no member');
  if (member.status === 'pending')
    await owner.client.post(`/api/v1/members/${member.id}/approve`, { role: 'MEMBER' });
  const grant = { canEdit: true, canDelete: false, canExecute: true };
  await owner.client.put(`/api/v1/workspaces/${workspaceId}/members/${member.id}`, grant);
  return enterOrg(await known(base, EDITOR.email, memory), owner.session.org?.id ?? '');
}

async function editorOf(owner: DemoClient): Promise<Member | undefined> {
  const { data } = await owner.get<{ data: Member[] }>('/api/v1/members?limit=100');
  return data.find(({ email }) => email === EDITOR.email);
}
