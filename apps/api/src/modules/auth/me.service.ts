import { Injectable } from '@nestjs/common';
import type { OrgRole } from '#lib/contracts';
import { Lookups, TenantDb } from '#lib/persistence';
import type { MembershipDto, SessionDto, UserDto, WorkspaceSummaryDto } from './auth.dto.js';
import { AuthRepository } from './auth.repository.js';

/** The answer of sign-up, log-in and `me`. */
@Injectable()
export class MeService {
  constructor(
    private readonly lookups: Lookups,
    private readonly db: TenantDb,
    private readonly repository: AuthRepository,
  ) {}

  async describe(user: UserDto, activeOrgId: string | null, csrfToken: string): Promise<SessionDto> {
    const orgs = await this.orgsOf(user.id);
    const org = orgs.find(({ id, status }) => id === activeOrgId && status === 'active') ?? null;
    return { user, org, orgs, workspaces: org ? await this.workspacesOf(org) : [], csrfToken };
  }

  /** Where a new session starts: the first organization in which the person is active, else the first that they wait for. */
  async homeOf(userId: string): Promise<string | null> {
    const orgs = await this.orgsOf(userId);
    return (orgs.find(({ status }) => status === 'active') ?? orgs[0])?.id ?? null;
  }

  private async orgsOf(userId: string): Promise<MembershipDto[]> {
    const rows = await this.lookups.orgsOfUser(userId);
    return rows.map(({ id, name, slug, plan, memberId, role, status }) => ({
      id,
      name,
      slug,
      plan,
      memberId,
      role,
      status,
    }));
  }

  private workspacesOf(org: { id: string; memberId: string; role: OrgRole }): Promise<WorkspaceSummaryDto[]> {
    return this.db.withOrg(org.id, (tx) =>
      org.role === 'MEMBER'
        ? this.repository.joinedWorkspaces(tx, org.memberId)
        : this.repository.allWorkspaces(tx),
    );
  }
}
