import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { originOf } from '#lib/catalog';
import { notFound } from '#lib/contracts';
import { assertIfMatch, etagOf, toPage, type PageQuery } from '#lib/http';
import { isId, newId } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { coveredRows } from '../../common/covered-rows.js';
import { pageWindow } from '../../common/paging.js';
import { recordChange } from '../../common/record-change.js';
import type { Tagged } from '../../common/tagged.js';
import { PlanLimitsService } from '../plan-limits/index.js';
import { McpAssignmentsRepository } from './mcp-assignments.repository.js';
import { McpIntake } from './mcp-intake.js';
import { changeOf, type McpServer, type McpServerPatch, type NewMcpServer } from './mcp-server.js';
import type { McpServerDto, McpServerPageDto } from './mcp-servers.dto.js';
import { changedMeanwhile, secretRequired, serverInUse, tooMany } from './mcp-servers.errors.js';
import { McpServersRepository, type ServerSettings } from './mcp-servers.repository.js';
import { dtoOf } from './mcp-servers.view.js';

/** Those of a workspace are read with every authorisation, sealed secrets included. */
const MAX_SERVERS = 50;
/** What of a server is no secret and can be changed. */
const PLAIN = ['name', 'url', 'enabled', 'approval', 'approvers'] as const;

/** The MCP servers of an organization (PRODUCT #29): registered once, and usable nowhere until they are handed to a workspace. */
@Injectable()
export class McpServersService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: McpServersRepository,
    private readonly assignments: McpAssignmentsRepository,
    private readonly intake: McpIntake,
    private readonly planLimits: PlanLimitsService,
  ) {}

  async list(principal: Principal, query: PageQuery): Promise<McpServerPageDto> {
    const { orgId } = principal;
    const window = pageWindow('mcp', query);
    return this.db.withOrg(orgId, async (tx) => {
      const rows = await coveredRows(principal, 'mcpServers:ListMcpServers', window, (part) =>
        this.repository.list(tx, orgId, part),
      );
      return toPage(rows, query.limit, ({ id }) => id, dtoOf);
    });
  }

  async get({ orgId }: Principal, id: string): Promise<Tagged<McpServerDto>> {
    assertServerId(id);
    return this.db.withOrg(orgId, (tx) => this.present(tx, orgId, id));
  }

  /** Throws egress_blocked, plan_limit_reached, name_taken, conflict when there are too many, kms_unavailable. */
  async create(principal: Principal, made: NewMcpServer): Promise<Tagged<McpServerDto>> {
    const { name, url, approval = 'none', approvers = 'anyone', entered } = made;
    const { orgId, userId } = principal;
    const id = newId('mcp');
    try {
      await this.intake.guardUrl(orgId, url);
      const prepared = entered && (await this.intake.seal(this.db, orgId, { url, secret: null }, entered));
      return await this.db.withOrg(orgId, async (tx) => {
        // The stronger lock on the organization first: two that hold the plan's and both want this one would wait for each other.
        if ((await this.repository.countLocked(tx, orgId)) >= MAX_SERVERS) throw tooMany(MAX_SERVERS);
        await this.planLimits.claim(tx, orgId, 'mcpServers');
        const secretId = prepared && (await this.intake.keep(tx, prepared, { name, secret: null }, userId));
        await this.repository.insert(tx, orgId, id, { name, url, approval, approvers, secretId });
        await recordChange(tx, principal, {
          action: 'mcpServers:CreateMcpServer',
          target: id,
          change: { name, url, approval, approvers, mask: prepared?.mask ?? null },
          topic: 'mcp-server.created',
          ids: { mcpServerId: id },
        });
        return this.present(tx, orgId, id);
      });
    } finally {
      entered?.wipe();
    }
  }

  /** Another origin needs the secret again (CUSTODY §1): secret_required. Throws not_found, precondition_failed and what creating does. */
  async update(
    principal: Principal,
    id: string,
    patch: McpServerPatch,
    ifMatch: string | undefined,
  ): Promise<Tagged<McpServerDto>> {
    const { orgId } = principal;
    const { entered } = patch;
    assertServerId(id);
    try {
      const seen = await this.db.withOrg(orgId, (tx) => this.matched(tx, orgId, id, ifMatch));
      if (patch.url !== undefined) await this.intake.guardUrl(orgId, patch.url);
      const { url = seen.url } = patch;
      const prepared = entered && (await this.intake.seal(this.db, orgId, { ...seen, url }, entered));
      return await this.db.withOrg(orgId, async (tx) => {
        const before = await this.matched(tx, orgId, id, ifMatch);
        // What was entered is sealed for what was seen.
        if (prepared && before.revision !== seen.revision) throw changedMeanwhile();
        const kept = before.secret && !prepared && !patch.clearSecret ? before.secret.id : null;
        const after = { ...before, name: patch.name ?? before.name, url: patch.url ?? before.url };
        if (kept !== null && !(await this.intake.mayGoTo(tx, orgId, kept, after.url)))
          throw secretRequired(originOf(after.url) ?? after.url);
        const secretId = prepared ? await this.intake.keep(tx, prepared, after, principal.userId) : kept;
        const { enabled = before.enabled, approval = before.approval, approvers = before.approvers } = patch;
        const settings = { ...after, enabled, approval, approvers, secretId };
        return this.write(tx, principal, before, settings, { isEntered: prepared !== null });
      });
    } finally {
      entered?.wipe();
    }
  }

  /** Its secret is erased and its workspaces lose it, all in the transaction of the audit row. Throws not_found and conflict. */
  async delete(principal: Principal, id: string, force: boolean, ifMatch: string | undefined): Promise<void> {
    const { orgId } = principal;
    assertServerId(id);
    await this.db.withOrg(orgId, async (tx) => {
      const { name, url, secret, workspaceCount } = await this.matched(tx, orgId, id, ifMatch);
      if (workspaceCount > 0 && !force)
        throw serverInUse(workspaceCount, await this.assignments.sampleOf(tx, orgId, id));
      await this.planLimits.release(tx, orgId, 'mcpServers');
      await this.assignments.removeServer(tx, orgId, id);
      await this.repository.delete(tx, orgId, id);
      if (secret) await this.intake.destroy(tx, orgId, secret.id);
      await recordChange(tx, principal, {
        action: 'mcpServers:DeleteMcpServer',
        target: id,
        change: { name, url, mask: secret?.mask ?? null, workspaces: workspaceCount, forced: force },
        topic: 'mcp-server.deleted',
        ids: { mcpServerId: id },
      });
    });
  }

  private async write(
    tx: TenantTx,
    principal: Principal,
    before: McpServer,
    settings: ServerSettings,
    { isEntered }: { isEntered: boolean },
  ): Promise<Tagged<McpServerDto>> {
    const { orgId } = principal;
    const { id } = before;
    const old = before.secret?.id ?? null;
    const { name, url, enabled, approval, approvers, secretId } = settings;
    const now = { name, url, enabled, approval, approvers };
    const same = PLAIN.every((field) => now[field] === before[field]);
    if (same && secretId === old && !isEntered) return this.present(tx, orgId, id);
    await this.repository.update(tx, orgId, id, { ...now, secretId });
    if (old !== null && old !== secretId) await this.intake.destroy(tx, orgId, old);
    const after = (await this.repository.find(tx, orgId, id)) ?? before;
    await recordChange(tx, principal, {
      action: 'mcpServers:UpdateMcpServer',
      target: id,
      change: changeOf(before, after),
      topic: 'mcp-server.updated',
      ids: { mcpServerId: id },
    });
    return { body: dtoOf(after), etag: etagOf(id, after.revision) };
  }

  private async matched(
    tx: TenantTx,
    orgId: string,
    id: string,
    ifMatch: string | undefined,
  ): Promise<McpServer> {
    const server = await this.repository.findLocked(tx, orgId, id);
    if (!server) throw notFound();
    assertIfMatch(ifMatch, etagOf(id, server.revision));
    return server;
  }

  private async present(tx: TenantTx, orgId: string, id: string): Promise<Tagged<McpServerDto>> {
    const server = await this.repository.find(tx, orgId, id);
    if (!server) throw notFound();
    return { body: dtoOf(server), etag: etagOf(id, server.revision) };
  }
}

function assertServerId(id: string): void {
  if (!isId('mcp', id)) throw notFound();
}
