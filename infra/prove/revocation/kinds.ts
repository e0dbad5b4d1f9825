import { setTimeout as delay } from 'node:timers/promises';
import type { Cell, RevocationKind } from './types.js';

const NO_KEY = { status: 422, code: 'no_provider_key' };
const EXPIRES_IN_MS = 4_000;

const keyPath = (cell: Cell) => `/ai-providers/${cell.keyId}`;
const patchKey = (cell: Cell, change: object) => cell.owner.ok('PATCH', keyPath(cell), change);
const assign = (cell: Cell, assignments: object[]) =>
  cell.owner.ok('PUT', `/workspaces/${cell.workspaceId}/ai-providers`, { assignments });
const gate = (cell: Cell, enabled: boolean) => cell.owner.ok('PUT', '/providers/openai', { enabled });
const memberPath = (cell: Cell) => `/members/${cell.memberId}`;

/** The replaced version drains for the runs that hold it; no other may be sent with it. */
export const ROTATED: RevocationKind = {
  name: 'secret rotated away',
  caller: 'owner-token',
  refusal: null,
  revoke: (cell) => cell.owner.ok('POST', `${keyPath(cell)}/rotate`, { secret: `${cell.secret}-next` }),
};

/** Every kind that the series revokes. A new one is an entry here. */
export const KINDS: readonly RevocationKind[] = [
  {
    name: 'key disabled',
    caller: 'owner-token',
    refusal: NO_KEY,
    revoke: (cell) => patchKey(cell, { enabled: false }),
  },
  {
    name: 'key deleted by force',
    caller: 'owner-token',
    refusal: NO_KEY,
    revoke: (cell) => cell.owner.ok('DELETE', `${keyPath(cell)}?force=true`),
  },
  {
    name: 'key expired',
    caller: 'owner-token',
    refusal: NO_KEY,
    revoke: async (cell) => {
      cell.expiresAtMs = Date.now() + EXPIRES_IN_MS;
      const answer = await patchKey(cell, { expiresAt: new Date(cell.expiresAtMs).toISOString() });
      await delay(Math.max(0, cell.expiresAtMs - Date.now()));
      return answer;
    },
    holdsFromMs: (cell) => cell.expiresAtMs,
  },
  {
    name: 'secret cleared',
    caller: 'owner-token',
    refusal: NO_KEY,
    revoke: (cell) => patchKey(cell, { clear: ['secret'] }),
  },
  ROTATED,
  {
    name: 'assignment removed',
    caller: 'owner-token',
    refusal: NO_KEY,
    revoke: (cell) => assign(cell, []),
  },
  {
    name: 'assignment made inactive',
    caller: 'owner-token',
    refusal: NO_KEY,
    revoke: (cell) => assign(cell, [{ aiProviderId: cell.keyId, active: false }]),
  },
  {
    name: 'gate closed',
    caller: 'owner-token',
    refusal: { status: 403, code: 'provider_disabled' },
    revoke: (cell) => gate(cell, false),
    restore: (cell) => gate(cell, true),
  },
  {
    name: 'token revoked',
    caller: 'owner-token',
    refusal: { status: 401, code: 'unauthenticated' },
    revoke: (cell) => cell.owner.ok('DELETE', `/tokens/${cell.tokenId}`),
  },
  {
    name: 'token’s owner demoted',
    caller: 'admin-token',
    refusal: { status: 403, code: 'forbidden' },
    revoke: (cell) => cell.owner.ok('PATCH', memberPath(cell), { role: 'MEMBER' }),
  },
  {
    name: 'member removed',
    caller: 'admin-token',
    refusal: { status: 401, code: 'unauthenticated' },
    revoke: (cell) => cell.owner.ok('DELETE', memberPath(cell)),
  },
  {
    name: 'grant taken from a session',
    caller: 'member-session',
    refusal: { status: 403, code: 'forbidden' },
    revoke: (cell) =>
      cell.owner.ok('PUT', `/workspaces/${cell.workspaceId}/members/${cell.memberId}`, {
        canEdit: false,
        canDelete: false,
        canExecute: false,
      }),
  },
];
