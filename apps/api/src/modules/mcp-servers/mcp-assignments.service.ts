import { Injectable } from '@nestjs/common';
import { coversRow, forbidden, type Principal } from '#lib/access';
import { notFound } from '#lib/contracts';
import { assertIfMatch, etagFor } from '#lib/http';
import { isId } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
import type { Tagged } from '../../common/tagged.js';
import { restoredReadOnly } from '../../restored/restored.errors.js';
import { PlanLimitsService } from '../plan-limits/index.js';
import { assertMay } from '../workspaces/index.js';
import { McpAssignmentsRepository } from './mcp-assignments.repository.js';
import type { McpAssignment } from './mcp-server.js';
import type { AssignedMcpServersDto, McpAssignmentInputDto } from './mcp-servers.dto.js';
import { assignedTwice } from './mcp-servers.errors.js';

const ASSIGN = 'mcpServers:AssignMcpServer';

/** Which MCP servers a workspace was handed (PRODUCT #29). Handing over is the OWNER's alone, as it is with keys. */
@Injectable()
export class McpAssignmentsService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: McpAssignmentsRepository,
    private readonly plan: PlanLimitsService,
  ) {}

  async list(principal: Principal, workspaceId: string): Promise<Tagged<AssignedMcpServersDto>> {
    const { orgId } = principal;
    const permission = 'workspaces:ListMcpServers';
    assertMay(principal, workspaceId, permission);
    return this.db.withOrg(orgId, async (tx) => {
      if (!(await this.repository.workspaceExists(tx, orgId, workspaceId))) throw notFound();
      const assignments = await this.repository.list(tx, orgId, workspaceId);
      const covered = assignments.filter(({ mcpServerId }) =>
        coversRow(principal, permission, workspaceId, mcpServerId),
      );
      return this.present(tx, orgId, workspaceId, covered, assignments);
    });
  }

  /** Throws not_found when the workspace or one of the servers is foreign or unknown, precondition_failed, plan_read_only. */
  async replace(
    principal: Principal,
    workspaceId: string,
    input: McpAssignmentInputDto[],
    { ifMatch, onlyFewer }: { ifMatch: string | undefined; onlyFewer: boolean },
  ): Promise<Tagged<AssignedMcpServersDto>> {
    const { orgId } = principal;
    assertMay(principal, workspaceId, 'workspaces:GetWorkspace');
    const wanted = input.map(toAssignment).toSorted((a, b) => (a.mcpServerId < b.mcpServerId ? -1 : 1));
    assertDistinct(input);
    return this.db.withOrg(orgId, async (tx) => {
      if (!(await this.repository.lockWorkspace(tx, orgId, workspaceId))) throw notFound();
      const before = await this.repository.list(tx, orgId, workspaceId);
      // Who replaces all acts on those that are there as well.
      if (!before.every(({ mcpServerId }) => coversRow(principal, ASSIGN, mcpServerId)))
        throw forbidden(ASSIGN, principal);
      assertIfMatch(ifMatch, etagFor(workspaceId, before));
      const given = handedOver(before, wanted);
      if (onlyFewer && given) throw restoredReadOnly();
      const ids = wanted.map(({ mcpServerId }) => mcpServerId);
      const locked = await this.repository.lockServers(tx, orgId, ids);
      if (ids.some((id) => !locked.has(id))) throw notFound();
      if (given) await this.plan.assertWritable(tx, orgId, 'workspaces', workspaceId);
      if (JSON.stringify(before) !== JSON.stringify(wanted)) {
        await this.repository.replace(tx, orgId, workspaceId, wanted);
        await recordChange(tx, principal, {
          action: ASSIGN,
          target: workspaceId,
          change: { before, after: wanted },
          topic: 'mcp-assignments.replaced',
          ids: { workspaceId },
        });
      }
      return this.present(tx, orgId, workspaceId, wanted, wanted);
    });
  }

  private async present(
    tx: TenantTx,
    orgId: string,
    workspaceId: string,
    shown: McpAssignment[],
    all: McpAssignment[],
  ): Promise<Tagged<AssignedMcpServersDto>> {
    const facts = await this.repository.facts(
      tx,
      orgId,
      shown.map(({ mcpServerId }) => mcpServerId),
    );
    const data = shown.flatMap(({ mcpServerId, active }) => {
      const known = facts.get(mcpServerId);
      return known ? [{ mcpServerId, ...known, active }] : [];
    });
    return { body: { data }, etag: etagFor(workspaceId, all) };
  }
}

/** Whether `wanted` newly hands something over; what is only switched off or taken back is not. */
function handedOver(before: McpAssignment[], wanted: McpAssignment[]): boolean {
  const known = new Map(before.map(({ mcpServerId, active }) => [mcpServerId, active]));
  return wanted.some(({ mcpServerId, active }) => {
    const was = known.get(mcpServerId);
    return was === undefined || (active && !was);
  });
}

function toAssignment({ mcpServerId, active = true }: McpAssignmentInputDto): McpAssignment {
  if (!isId('mcp', mcpServerId)) throw notFound();
  return { mcpServerId, active };
}

function assertDistinct(input: McpAssignmentInputDto[]): void {
  const ids = input.map(({ mcpServerId }) => mcpServerId);
  const second = ids.findIndex((id, index) => ids.indexOf(id) !== index);
  if (second >= 0) throw assignedTwice(second);
}
