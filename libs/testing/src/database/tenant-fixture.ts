import { newId, sha256, toUuid, type TypeId } from '#lib/kernel';
import { PgPool } from '#lib/persistence';

/** Ids of a small organization: an owner, an editor with an execute grant, and one assigned key with a sealed version. */
export interface TenantFixture {
  orgId: TypeId<'org'>;
  ownerId: TypeId<'usr'>;
  ownerMemberId: TypeId<'mem'>;
  editorId: TypeId<'usr'>;
  editorMemberId: TypeId<'mem'>;
  workspaceId: TypeId<'ws'>;
  secretId: TypeId<'sec'>;
  aiProviderId: TypeId<'aip'>;
  tokenId: TypeId<'tok'>;
  inviteId: TypeId<'inv'>;
  sessionId: TypeId<'ses'>;
  /** SHA-256 of the engine token of the owner. */
  tokenHash: Buffer;
  /** SHA-256 of the editor's session token. */
  sessionHash: Buffer;
}

/** Writes an organization behind all walls, as the superuser: for arranging, not for proving. */
export async function makeTenant(superuserUrl: string, provider = 'openai'): Promise<TenantFixture> {
  const tenant = ids();
  const pool = new PgPool({ databaseUrl: superuserUrl, max: 1 });
  try {
    await pool.transaction(async (client) => {
      for (const [sql, ...values] of statements(tenant, provider)) await client.query(sql, values);
    });
  } finally {
    await pool.close();
  }
  return tenant;
}

function ids(): TenantFixture {
  const orgId = newId('org');
  return {
    orgId,
    ownerId: newId('usr'),
    ownerMemberId: newId('mem'),
    editorId: newId('usr'),
    editorMemberId: newId('mem'),
    workspaceId: newId('ws'),
    secretId: newId('sec'),
    aiProviderId: newId('aip'),
    tokenId: newId('tok'),
    inviteId: newId('inv'),
    sessionId: newId('ses'),
    tokenHash: sha256('token of ', orgId),
    sessionHash: sha256('session of ', orgId),
  };
}

function statements(t: TenantFixture, provider: string): [string, ...unknown[]][] {
  const org = toUuid(t.orgId);
  const [owner, ownerMember] = [toUuid(t.ownerId), toUuid(t.ownerMemberId)];
  const [editor, editorMember] = [toUuid(t.editorId), toUuid(t.editorMemberId)];
  const [workspace, secret, key] = [toUuid(t.workspaceId), toUuid(t.secretId), toUuid(t.aiProviderId)];
  const origins = ['https://api.vendor.test:443'];
  const user = 'INSERT INTO users (id, email, name, password_hash) VALUES ($1, $2, $3, $4)';
  const member = 'INSERT INTO members (org_id, id, user_id, role, status) VALUES ($1, $2, $3, $4, $5)';
  return [
    [user, owner, `${t.ownerId}@test.test`, 'Owner', 'unusable'],
    [user, editor, `${t.editorId}@test.test`, 'Editor', 'unusable'],
    [`INSERT INTO orgs (org_id, slug, name, plan) VALUES ($1, $2, 'Acme', 'free')`, org, t.orgId],
    [member, org, ownerMember, owner, 'OWNER', 'active'],
    [member, org, editorMember, editor, 'MEMBER', 'active'],
    [
      `INSERT INTO invites (org_id, id, token_hash, role, created_by) VALUES ($1, $2, $3, 'MEMBER', $4)`,
      ...[org, toUuid(t.inviteId), sha256('invite of ', t.orgId), owner],
    ],
    [
      `INSERT INTO workspaces (org_id, id, slug, name, is_default) VALUES ($1, $2, 'default', 'Default', true)`,
      ...[org, workspace],
    ],
    ['INSERT INTO workspace_grants VALUES ($1, $2, $3, false, false, true)', org, workspace, editorMember],
    [
      `INSERT INTO secrets (org_id, id, name, purpose, origins, mask, current_version)
       VALUES ($1, $2, 'main', 'call', $3, 'sk-…abcd', 1)`,
      ...[org, secret, origins],
    ],
    [
      `INSERT INTO secret_versions (org_id, secret_id, version, format, kms_ref, origins, wrapped_dek, envelope, state)
       VALUES ($1, $2, 1, 1, 'local:1', $3, 'wrapped', 'sealed', 'active')`,
      ...[org, secret, origins],
    ],
    [
      `INSERT INTO provider_keys (org_id, id, name, provider, secret_id) VALUES ($1, $2, 'main', $4, $3)`,
      ...[org, key, secret, provider],
    ],
    [
      'INSERT INTO assignments (org_id, workspace_id, provider_key_id) VALUES ($1, $2, $3)',
      ...[org, workspace, key],
    ],
    [
      `INSERT INTO tokens (org_id, id, name, kind, owner_member_id, prefix, token_hash)
       VALUES ($1, $2, 'engine', 'engine', $3, 'clv_eng_…', $4)`,
      ...[org, toUuid(t.tokenId), ownerMember, t.tokenHash],
    ],
    [
      `INSERT INTO sessions (id, user_id, token_hash, csrf_hash, active_org_id, expires_at)
       VALUES ($1, $2, $3, $4, $5, now() + interval '1 day')`,
      ...[toUuid(t.sessionId), editor, t.sessionHash, sha256('csrf of ', t.orgId), org],
    ],
  ];
}
