import { createKms, type OwnKms } from '#lib/kms';
import type { SecretIdentity } from '#lib/custody';
import { Sealer } from '#lib/custody/sealer';
import { buildCatalogue, originOf, originsFor, tokenUriOf } from '#lib/catalog';
import { csrfTokenFor } from '#lib/access';
import type { OrgRole } from '#lib/contracts';
import { issueToken, newId, opaqueToken, SecretBytes, sha256, toUuid } from '#lib/kernel';
import type { PgPool } from '#lib/persistence';
import type { LocalKmsFiles } from '#lib/testing';

export const DEPLOYMENT = 'engine-spec';

/** An organization with an owner, one workspace, and an engine token of the owner's. */
export interface Tenant {
  orgId: string;
  workspaceId: string;
  owner: Person;
  tokenId: string;
  token: string;
}

export interface Person {
  userId: string;
  memberId: string;
}

export interface KeyInput {
  provider: string;
  secret: string | null;
  baseUrl?: string;
  name?: string;
  defaultModel?: string;
  models?: string[];
  config?: Record<string, unknown>;
  /** false: made, but handed to no workspace. */
  assign?: boolean;
  priority?: number;
  weight?: number;
}

export interface McpServerInput {
  name: string;
  url: string;
  secret?: string | null;
  /** false: made, but handed to no workspace. */
  assign?: boolean;
  approval?: 'none' | 'always';
  approvers?: 'anyone' | 'people';
}

/** Writes tenants' rows as the control plane would; the engine has no way to. */
export class Tenants {
  readonly #sealer: Sealer;

  constructor(
    private readonly db: PgPool,
    files: LocalKmsFiles,
    ownKms?: OwnKms,
  ) {
    this.#sealer = new Sealer(createKms(files.config(), 'seal', { env: 'test', ownKms }), DEPLOYMENT);
  }

  async create(plan = 'unlimited', orgId = newId('org')): Promise<Tenant> {
    await this.db.query('INSERT INTO orgs (org_id, slug, name, plan) VALUES ($1, $2, $3, $4)', [
      toUuid(orgId),
      orgId,
      'Org',
      plan,
    ]);
    const owner = await this.person(orgId, 'OWNER');
    const workspaceId = await this.workspace(orgId);
    return { orgId, workspaceId, owner, ...(await this.token(orgId, owner)) };
  }

  async workspace(orgId: string): Promise<string> {
    const id = newId('ws');
    await this.db.query('INSERT INTO workspaces (org_id, id, slug, name) VALUES ($1, $2, $3, $4)', [
      toUuid(orgId),
      toUuid(id),
      id,
      'Production',
    ]);
    return id;
  }

  async person(orgId: string, role: OrgRole): Promise<Person> {
    const userId = newId('usr');
    const memberId = newId('mem');
    await this.db.query('INSERT INTO users (id, email, name, password_hash) VALUES ($1, $2, $3, $4)', [
      toUuid(userId),
      `${userId}@test`,
      'P',
      'x',
    ]);
    await this.db.query(
      `INSERT INTO members (org_id, id, user_id, role, status) VALUES ($1, $2, $3, $4, 'active')`,
      [toUuid(orgId), toUuid(memberId), toUuid(userId), role],
    );
    return { userId, memberId };
  }

  async token(
    orgId: string,
    owner: Person,
    kind: 'api' | 'engine' | 'workspace' = 'engine',
    workspaceId: string | null = null,
  ) {
    const tokenId = newId('tok');
    const { token, prefix, hash } = issueToken(kind, tokenId);
    await this.db.query(
      'INSERT INTO tokens (org_id, id, name, kind, workspace_id, owner_member_id, prefix, token_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
      [
        toUuid(orgId),
        toUuid(tokenId),
        tokenId,
        kind,
        workspaceId && toUuid(workspaceId),
        toUuid(owner.memberId),
        prefix,
        hash,
      ],
    );
    return { tokenId, token };
  }

  async session(orgId: string, person: Person): Promise<{ cookie: string; csrf: string }> {
    const { token } = opaqueToken();
    const csrf = csrfTokenFor(token);
    await this.db.query(
      `INSERT INTO sessions (id, user_id, token_hash, csrf_hash, active_org_id, expires_at)
       VALUES ($1, $2, $3, $4, $5, now() + interval '1 day')`,
      [toUuid(newId('ses')), toUuid(person.userId), sha256(token), sha256(csrf), toUuid(orgId)],
    );
    return { cookie: `claviger_session=${token}`, csrf };
  }

  async grant(orgId: string, workspaceId: string, person: Person, canExecute: boolean): Promise<void> {
    await this.db.query(
      'INSERT INTO workspace_grants (org_id, workspace_id, member_id, can_execute) VALUES ($1, $2, $3, $4)',
      [toUuid(orgId), toUuid(workspaceId), toUuid(person.memberId), canExecute],
    );
  }

  /** A key with its sealed secret, assigned to the tenant's workspace unless told otherwise. Answers its id. */
  async key(tenant: Tenant, input: KeyInput): Promise<string> {
    const keyId = newId('aip');
    const org = toUuid(tenant.orgId);
    const secretId = input.secret === null ? null : await this.#secret(tenant.orgId, input, input.secret);
    await this.db.query(
      `INSERT INTO provider_keys (org_id, id, name, provider, secret_id, base_url, default_model, models, config)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        org,
        toUuid(keyId),
        input.name ?? keyId,
        input.provider,
        secretId && toUuid(secretId),
        input.baseUrl ?? null,
        input.defaultModel ?? null,
        input.models ?? [],
        JSON.stringify(input.config ?? {}),
      ],
    );
    if (input.assign !== false) await this.assign(tenant, keyId, input.priority, input.weight);
    return keyId;
  }

  async assign(tenant: Tenant, keyId: string, priority = 0, weight = 1): Promise<void> {
    await this.db.query(
      'INSERT INTO assignments (org_id, workspace_id, provider_key_id, priority, weight) VALUES ($1, $2, $3, $4, $5)',
      [toUuid(tenant.orgId), toUuid(tenant.workspaceId), toUuid(keyId), priority, weight],
    );
  }

  /** A secret that tools may name. Answers its id. */
  async toolSecret({ orgId }: Tenant, name: string, secret: string, origins: string[]): Promise<string> {
    const id = await this.#sealed(orgId, secret, origins);
    await this.db.query('UPDATE secrets SET name = $2, for_tools = true WHERE id = $1', [toUuid(id), name]);
    return id;
  }

  /** An MCP server, handed to the tenant's workspace unless told otherwise. Answers its id. */
  async mcpServer(
    tenant: Tenant,
    { name, url, secret = null, assign = true, approval = 'none', approvers = 'anyone' }: McpServerInput,
  ): Promise<string> {
    const [id, org] = [newId('mcp'), toUuid(tenant.orgId)];
    const origin = originOf(url) ?? '';
    const secretId = secret === null ? null : await this.#sealed(tenant.orgId, secret, [origin]);
    await this.db.query(
      `INSERT INTO mcp_servers (org_id, id, name, url, secret_id, approval, approvers)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [...[org, toUuid(id), name, url], secretId && toUuid(secretId), approval, approvers],
    );
    if (assign)
      await this.db.query(
        'INSERT INTO mcp_assignments (org_id, workspace_id, mcp_server_id) VALUES ($1, $2, $3)',
        [...[org, toUuid(tenant.workspaceId), toUuid(id)]],
      );
    return id;
  }

  /** Replaces what a secret says, as a rotation does; the version before drains. */
  async rotate({ orgId }: Tenant, secretId: string, secret: string): Promise<void> {
    const { rows } = await this.db.query<{ version: number; origins: string[] }>(
      `UPDATE secret_versions SET state = 'draining', retired_at = now() WHERE secret_id = $1 AND state = 'active'
       RETURNING version, origins`,
      [toUuid(secretId)],
    );
    const { version: old, origins } = rows[0]!;
    const identity = { orgId, secretId, version: old + 1, purpose: 'call' as const, origins };
    await this.#version(identity, secret);
    await this.db.query('UPDATE secrets SET current_version = $2 WHERE id = $1', [toUuid(secretId), old + 1]);
  }

  async #secret(orgId: string, input: KeyInput, secret: string): Promise<string> {
    const provider = buildCatalogue().provider(input.provider)!;
    const tokens = originOf(tokenUriOf(provider, secret) ?? '');
    const origins = [
      ...originsFor(provider, input.baseUrl ?? null, input.config ?? {}),
      ...(tokens ? [tokens] : []),
    ];
    return this.#sealed(orgId, secret, origins);
  }

  async #sealed(orgId: string, secret: string, origins: string[]): Promise<string> {
    const secretId = newId('sec');
    const identity = { orgId, secretId, version: 1, purpose: 'call' as const, origins };
    await this.db.query(
      `INSERT INTO secrets (org_id, id, name, purpose, origins, mask, current_version) VALUES ($1, $2, $3, 'call', $4, '…', 1)`,
      [toUuid(orgId), toUuid(secretId), secretId, origins],
    );
    await this.#version(identity, secret);
    return secretId;
  }

  async #version(identity: SecretIdentity, secret: string): Promise<void> {
    const { orgId, secretId, version, origins } = identity;
    const sealed = await this.#sealer.seal(identity, SecretBytes.fromText(JSON.stringify({ secret })));
    await this.db.query(
      `INSERT INTO secret_versions (org_id, secret_id, version, format, kms_ref, origins, wrapped_dek, envelope, state)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'active')`,
      [
        ...[toUuid(orgId), toUuid(secretId), version, sealed.format, sealed.kmsRef],
        ...[origins, sealed.wrappedDek, sealed.envelope],
      ],
    );
  }
}
