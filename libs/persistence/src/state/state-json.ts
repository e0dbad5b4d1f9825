import type {
  AuthorisedState,
  PermissionStatement,
  PlanLimits,
  StateAssignment,
  StatePrincipal,
  WorkspaceGrant,
} from '#lib/contracts';
import { fromUuid, type IdPrefix, type TokenKind } from '#lib/kernel';

/** The JSON that `lookup.authorised_state` answers: uuids, ISO times, base 64. */
export interface StateJson {
  killSwitch: { enabled: boolean; reason: string } | null;
  principal?: PrincipalJson;
  org?: { id: string; plan: string; planLimits: PlanLimits } | null;
  workspace?: { id: string; name: string; slug: string; defaultProvider: string | null } | null;
  disabledProviders?: string[];
  assignments?: AssignmentJson[];
}

interface PrincipalJson {
  kind: StatePrincipal['kind'];
  id: string;
  tokenKind?: TokenKind;
  tokenWorkspaceId?: string | null;
  permissions?: PermissionStatement[] | null;
  revoked: boolean;
  expiresAt: string | null;
  userId: string;
  memberId: string | null;
  role: StatePrincipal['role'];
  memberStatus: StatePrincipal['memberStatus'];
  csrfHash?: string;
  grant: WorkspaceGrant | null;
}

type AssignmentJson = Omit<StateAssignment, 'expiresAt' | 'createdAt' | 'wrappedDek' | 'envelope'> & {
  expiresAt: string | null;
  createdAt: string;
  wrappedDek: string | null;
  envelope: string | null;
};

/** The state as the rest of the house knows it: prefixed ids, dates, bytes. `stampMs` is monotonic. */
export function stateOf(json: StateJson, stampMs: number): AuthorisedState {
  const { org, workspace } = json;
  return {
    killSwitch: json.killSwitch,
    principal: json.principal ? principalOf(json.principal) : null,
    org: org ? { ...org, id: fromUuid('org', org.id) } : null,
    workspace: workspace ? { ...workspace, id: fromUuid('ws', workspace.id) } : null,
    disabledProviders: json.disabledProviders ?? [],
    assignments: (json.assignments ?? []).map(assignmentOf),
    stampMs,
  };
}

const ID_OF = { token: 'tok', session: 'ses', ticket: 'usr' } as const;

function principalOf(json: PrincipalJson): StatePrincipal {
  return {
    kind: json.kind,
    id: fromUuid(ID_OF[json.kind], json.id),
    revoked: json.revoked,
    expiresAt: date(json.expiresAt),
    userId: fromUuid('usr', json.userId),
    memberId: idOrNull('mem', json.memberId),
    role: json.role,
    memberStatus: json.memberStatus,
    grant: json.grant,
    ...(json.kind === 'token' && {
      tokenKind: json.tokenKind,
      tokenWorkspaceId: idOrNull('ws', json.tokenWorkspaceId ?? null),
      permissions: json.permissions ?? null,
    }),
    ...(json.csrfHash !== undefined && { csrfHash: Buffer.from(json.csrfHash, 'base64') }),
  };
}

function assignmentOf(json: AssignmentJson): StateAssignment {
  return {
    ...json,
    aiProviderId: fromUuid('aip', json.aiProviderId),
    secretId: idOrNull('sec', json.secretId),
    expiresAt: date(json.expiresAt),
    createdAt: new Date(json.createdAt),
    wrappedDek: bytes(json.wrappedDek),
    envelope: bytes(json.envelope),
  };
}

function idOrNull(prefix: IdPrefix, uuid: string | null): string | null {
  return uuid === null ? null : fromUuid(prefix, uuid);
}

function date(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

function bytes(base64: string | null): Buffer | null {
  return base64 === null ? null : Buffer.from(base64, 'base64');
}
