import { Inject, Injectable } from '@nestjs/common';
import { actorOf, type Principal } from '#lib/access';
import { notFound } from '#lib/contracts';
import { toPage, type PageQuery } from '#lib/http';
import { isId, newId, type Clock } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { pageWindow } from '../../common/paging.js';
import { recordChange } from '../../common/record-change.js';
import { CLOCK } from '../../common/tokens.js';
import { ApprovalsRepository, type Approval } from './approvals.repository.js';
import { assertMayChange, assertMayExcept } from './own-line.js';
import { endsInThePast, endsTooLate, oneOfBoth, tooManyApprovals } from './policies.errors.js';
import { assertPolicyId } from './policies.service.js';
import { PoliciesRepository } from './policies.repository.js';
import type { ApprovalDto, ApprovalPageDto, CreateApprovalDto } from './policy-records.dto.js';
import { PolicySubjectsRepository } from './policy-subjects.repository.js';

/** In force at once, of one policy: each is looked at with every authorisation. */
const MAX_APPROVALS = 100;
/** What lasts longer is a policy that should be changed. */
const LONGEST_DAYS = 90;

/** Exceptions from policies that end by themselves (PRODUCT #49). */
@Injectable()
export class ApprovalsService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: ApprovalsRepository,
    private readonly policies: PoliciesRepository,
    private readonly subjects: PolicySubjectsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Newest first, those that have ended included. */
  async list({ orgId }: Principal, policyId: string, query: PageQuery): Promise<ApprovalPageDto> {
    assertPolicyId(policyId);
    const window = pageWindow('apv', query);
    const now = this.clock.now();
    return this.db.withOrg(orgId, async (tx) => {
      await this.assertPolicy(tx, orgId, policyId);
      const rows = await this.repository.list(tx, orgId, policyId, window);
      return toPage(
        rows,
        query.limit,
        ({ id }) => id,
        (approval) => dtoOf(approval, now),
      );
    });
  }

  /** Throws conflict, forbidden, not_found, validation_failed. The policy's row is locked: what is counted stays true. */
  async create(principal: Principal, policyId: string, sent: CreateApprovalDto): Promise<ApprovalDto> {
    const { orgId } = principal;
    assertPolicyId(policyId);
    const now = this.clock.now();
    const id = newId('apv');
    return this.db.withOrg(orgId, async (tx) => {
      const policy = await this.policies.findLocked(tx, orgId, policyId);
      if (!policy) throw notFound();
      const { workspaceId, tokenId } = await this.#subject(tx, orgId, sent);
      await assertMayChange(tx, principal, policy);
      await assertMayExcept(tx, principal, tokenId);
      const expiresAt = new Date(sent.expiresAt);
      if (expiresAt <= now) throw endsInThePast();
      if (expiresAt.getTime() - now.getTime() > LONGEST_DAYS * 86_400_000) throw endsTooLate(LONGEST_DAYS);
      const inForce = (await this.subjects.counts(tx, orgId, [policyId]))(policyId).approvals;
      if (inForce >= MAX_APPROVALS) throw tooManyApprovals(MAX_APPROVALS);
      const { reason } = sent;
      const createdBy = actorOf(principal);
      const row = { id, policyId, workspaceId, tokenId, reason, expiresAt, createdBy };
      const approval = await this.repository.insert(tx, orgId, row);
      await recordChange(tx, principal, {
        action: 'policies:CreateApproval',
        target: policyId,
        change: { approvalId: id, workspaceId, tokenId, reason, expiresAt: expiresAt.toISOString() },
        topic: 'policy.approved',
        ids: { policyId, approvalId: id },
      });
      return dtoOf(approval, now);
    });
  }

  /** Ends it now. Again is no error: what was asked for holds. */
  async revoke(principal: Principal, policyId: string, id: string): Promise<void> {
    const { orgId } = principal;
    assertPolicyId(policyId);
    if (!isId('apv', id)) throw notFound();
    await this.db.withOrg(orgId, async (tx) => {
      const approval = await this.repository.findLocked(tx, orgId, policyId, id);
      if (!approval) throw notFound();
      if (approval.revokedAt !== null) return;
      await this.repository.revoke(tx, orgId, id, actorOf(principal), this.clock.now());
      await recordChange(tx, principal, {
        action: 'policies:RevokeApproval',
        target: policyId,
        change: { approvalId: id, workspaceId: approval.workspaceId, tokenId: approval.tokenId },
        topic: 'policy.approval-revoked',
        ids: { policyId, approvalId: id },
      });
    });
  }

  private async assertPolicy(tx: TenantTx, orgId: string, id: string): Promise<void> {
    if (!(await this.policies.find(tx, orgId, id))) throw notFound();
  }

  async #subject(
    tx: TenantTx,
    orgId: string,
    { workspaceId, tokenId }: CreateApprovalDto,
  ): Promise<Pick<Approval, 'workspaceId' | 'tokenId'>> {
    const workspaceKnown = async (id: string) =>
      isId('ws', id) && (await this.subjects.workspaceExists(tx, orgId, id));
    const tokenKnown = async (id: string) =>
      isId('tok', id) && (await this.subjects.tokenExists(tx, orgId, id));
    if (workspaceId !== undefined && !(await workspaceKnown(workspaceId))) throw notFound();
    if (tokenId !== undefined && !(await tokenKnown(tokenId))) throw notFound();
    if ((workspaceId === undefined) === (tokenId === undefined)) throw oneOfBoth();
    return { workspaceId: workspaceId ?? null, tokenId: tokenId ?? null };
  }
}

function dtoOf({ expiresAt, createdAt, revokedAt, ...approval }: Approval, now: Date): ApprovalDto {
  const status = revokedAt ? 'revoked' : expiresAt <= now ? 'expired' : 'active';
  return {
    ...approval,
    status,
    expiresAt: expiresAt.toISOString(),
    createdAt: createdAt.toISOString(),
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}
