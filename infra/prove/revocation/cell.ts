import type { Installation } from '../series/installation.js';
import { addMember } from '../series/members.js';
import type { Person } from '../series/people.js';
import type { Cell, RevocationKind } from './types.js';

let made = 0;

export async function makeCell(
  { db, api, upstream }: Installation,
  owner: Person,
  kind: RevocationKind,
): Promise<Cell> {
  const number = (made += 1);
  const secret = `sk-prove-${String(number).padStart(6, '0')}-0123456789abcdef`;
  const { id: workspaceId } = await owner.make('/workspaces', { name: `Workspace ${number}` });
  const settings = { provider: 'openai', secret, baseUrl: upstream.baseUrls.openai };
  const { id: keyId } = await owner.make('/ai-providers', { name: `Key ${number}`, ...settings });
  await owner.ok('PUT', `/workspaces/${workspaceId}/ai-providers`, {
    assignments: [{ aiProviderId: keyId }],
  });
  const cell = {
    kind,
    owner,
    workspaceId,
    keyId,
    secret,
    tokenId: '',
    memberId: '',
    headers: {},
    expiresAtMs: 0,
  };
  const token = { name: `Token ${number}`, kind: 'engine' };
  if (kind.caller === 'owner-token') return withToken(cell, await owner.make('/tokens', token));

  const role = kind.caller === 'admin-token' ? 'ADMIN' : 'MEMBER';
  const { memberId, person } = await addMember(db, api.url, owner.orgId, role);
  const canExecute = role === 'MEMBER';
  // Who has joined a workspace is refused there as forbidden; to others it would not exist at all.
  const grant = { canEdit: false, canDelete: false, canExecute };
  await owner.ok('PUT', `/workspaces/${workspaceId}/members/${memberId}`, grant);
  if (canExecute) return { ...cell, memberId, headers: person.headers };
  return withToken({ ...cell, memberId }, await person.make('/tokens', token));
}

function withToken(cell: Cell, { id, token }: { id: string; token: string }): Cell {
  return { ...cell, tokenId: id, headers: { authorization: `Bearer ${token}` } };
}
