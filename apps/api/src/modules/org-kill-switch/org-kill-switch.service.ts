import { Injectable } from '@nestjs/common';
import { actorOf, type Principal } from '#lib/access';
import { notFound } from '#lib/contracts';
import { requestContext } from '#lib/http';
import { isId } from '#lib/kernel';
import { appendAudit, appendOutbox, TenantDb } from '#lib/persistence';
import { stopsOf, type OrgStops, type StopsBy } from './org-kill-switch.js';
import type { OrgKillSwitchDto, SetOrgKillSwitchDto } from './org-kill-switch.dto.js';
import { OrgKillSwitchRepository } from './org-kill-switch.repository.js';

interface Word {
  by: StopsBy;
  actor: string;
  action: string;
}

/** Stops all calls of one organization, and lets them through again (PRODUCT #56). */
@Injectable()
export class OrgKillSwitchService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: OrgKillSwitchRepository,
  ) {}

  /** Throws not_found for an unknown organization. */
  async get(orgId: string): Promise<OrgKillSwitchDto> {
    if (!isId('org', orgId)) throw notFound();
    const stops = await this.db.withOrg(orgId, (tx) => this.repository.get(tx, orgId));
    if (!stops) throw notFound();
    return dtoOf(stops);
  }

  /** An OWNER's own word, which lifts no stop of the operator's. */
  setAsOwner(principal: Principal, input: SetOrgKillSwitchDto): Promise<OrgKillSwitchDto> {
    const actor = actorOf(principal);
    return this.set(principal.orgId, input, { by: 'owner', actor, action: 'orgs:SetKillSwitch' });
  }

  /** The operator's word. Throws not_found. */
  setAsOperator(orgId: string, input: SetOrgKillSwitchDto): Promise<OrgKillSwitchDto> {
    if (!isId('org', orgId)) throw notFound();
    return this.set(orgId, input, { by: 'operator', actor: 'operator', action: 'platform:SetOrgKillSwitch' });
  }

  /** The engines are told when it is committed; one that could not be told knows 2 s later (CUSTODY §4). */
  private async set(
    orgId: string,
    { enabled, reason = '' }: SetOrgKillSwitchDto,
    { by, actor, action }: Word,
  ): Promise<OrgKillSwitchDto> {
    return this.db.withOrg(orgId, async (tx) => {
      const before = await this.repository.lock(tx, orgId);
      if (!before) throw notFound();
      const after = { ...before, [by]: enabled ? reason : null };
      if (before[by] === after[by]) return dtoOf(before);
      await this.repository.set(tx, orgId, by, after[by]);
      await appendOutbox(tx, { orgId, topic: 'org.kill-switch-changed', ids: { orgId } });
      const { requestId, ip } = requestContext;
      const change = { enabled: [before[by] !== null, enabled], reason: [before[by], after[by]] };
      await appendAudit(tx, { orgId, actor, action, target: orgId, requestId, ip, change });
      return dtoOf(after);
    });
  }
}

function dtoOf(stops: OrgStops): OrgKillSwitchDto {
  const held = stopsOf(stops);
  return { enabled: held.length > 0, stops: held };
}
