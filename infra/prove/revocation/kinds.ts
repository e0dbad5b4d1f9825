import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../series/people.js';
import type { Cell, RevocationKind } from './types.js';

const NO_KEY = { status: 422, code: 'no_provider_key' };
/** A time that is over when the change arrives is refused: on a busy machine it is set further ahead. */
const EXPIRES_IN_MS = [2_500, 8_000, 20_000];

const keyPath = (cell: Cell) => `/ai-providers/${cell.keyId}`;
const patchKey = (cell: Cell, change: object) => cell.owner.ok('PATCH', keyPath(cell), change);
const assign = (cell: Cell, assignments: object[]) =>
  cell.owner.ok('PUT', `/workspaces/${cell.workspaceId}/ai-providers`, { assignments });
const gate = (cell: Cell, enabled: boolean) => cell.owner.ok('PUT', '/providers/openai', { enabled });
const stop = (cell: Cell, enabled: boolean) =>
  cell.owner.ok('PUT', '/orgs/current/kill-switch', { enabled, reason: 'proof' });
const memberPath = (cell: Cell) => `/members/${cell.memberId}`;

async function expire(cell: Cell): Promise<Answer> {
  for (const inMs of EXPIRES_IN_MS) {
    cell.expiresAtMs = Date.now() + inMs;
    const expiresAt = new Date(cell.expiresAtMs).toISOString();
    const answer = await cell.owner.send('PATCH', keyPath(cell), { expiresAt });
    await delay(Math.max(0, cell.expiresAtMs - Date.now()));
    if (answer.status === 200) return answer;
  }
  throw new Error('a key could not be made to expire');
}

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
    revoke: expire,
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
    name: 'policy against the model',
    caller: 'owner-token',
    refusal: { status: 422, code: 'policy_violation' },
    revoke: (cell) =>
      cell.owner.ok('POST', '/policies', {
        name: `Nothing more for ${cell.workspaceId}`,
        scope: { type: 'workspace', id: cell.workspaceId },
        severity: 'HIGH',
        rules: [{ type: 'models', deny: ['*'] }],
      }),
  },
  {
    name: 'organization stopped by its OWNER',
    caller: 'owner-token',
    refusal: { status: 503, code: 'ai_disabled' },
    revoke: (cell) => stop(cell, true),
    restore: (cell) => stop(cell, false),
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
