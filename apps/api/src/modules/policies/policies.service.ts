import { Injectable } from '@nestjs/common';
import { actorOf, type Principal } from '#lib/access';
import { ClavigerError, notFound, type Policy } from '#lib/contracts';
import { assertIfMatch, decodeCursor, etagOf, toPage, type PageQuery } from '#lib/http';
import { isId, newId } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { coveredRows } from '../../common/covered-rows.js';
import { pageWindow } from '../../common/paging.js';
import { assertNotSetAndCleared, patched } from '../../common/patch.js';
import { recordChange } from '../../common/record-change.js';
import type { Tagged } from '../../common/tagged.js';
import { assertMayChange } from './own-line.js';
import { changesBetween, type PolicySettings } from './policy.js';
import { PolicyInput } from './policy-input.js';
import { PolicyJudges } from './policy-judges.js';
import { PolicySubjectsRepository } from './policy-subjects.repository.js';
import type {
  CreatePolicyDto,
  PolicyDto,
  PolicyPageDto,
  PolicyVersionPageDto,
  UpdatePolicyDto,
} from './policies.dto.js';
import { tooMany } from './policies.errors.js';
import { PoliciesRepository } from './policies.repository.js';
import { dtoOf, tagged, versionDtoOf } from './policies.view.js';

/** Each of them is read with every authorisation. */
const MAX_POLICIES = 200;

/** Policies of an organization, and what each of them was (PRODUCT #46, #49). */
@Injectable()
export class PoliciesService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: PoliciesRepository,
    private readonly subjects: PolicySubjectsRepository,
    private readonly input: PolicyInput,
    private readonly judges: PolicyJudges,
  ) {}

  async list(principal: Principal, query: PageQuery): Promise<PolicyPageDto> {
    const { orgId } = principal;
    const window = pageWindow('pol', query);
    return this.db.withOrg(orgId, async (tx) => {
      const rows = await coveredRows(principal, 'policies:ListPolicies', window, (part) =>
        this.repository.list(tx, orgId, part),
      );
      const ids = rows.map(({ id }) => id);
      const counts = await this.subjects.counts(tx, orgId, ids);
      return toPage(
        rows,
        query.limit,
        ({ id }) => id,
        (policy) => dtoOf(policy, counts(policy.id)),
      );
    });
  }

  async get({ orgId }: Principal, id: string): Promise<Tagged<PolicyDto>> {
    assertPolicyId(id);
    return this.db.withOrg(orgId, (tx) => this.present(tx, orgId, id));
  }

  /** Throws conflict, name_taken, not_found, validation_failed. What it forbids is refused to every call that starts 2 s after the answer. */
  async create(principal: Principal, sent: CreatePolicyDto): Promise<Tagged<PolicyDto>> {
    const { orgId } = principal;
    const id = newId('pol');
    return this.db.withOrg(orgId, async (tx) => {
      const settings: PolicySettings = {
        name: sent.name,
        description: sent.description ?? '',
        scope: await this.input.scope(tx, orgId, sent.scope),
        severity: sent.severity,
        enabled: sent.enabled ?? true,
        rules: await this.input.rules(tx, orgId, sent.rules),
      };
      const judgeGrants = await this.judges.grants(tx, principal, { after: settings, names: true });
      if ((await this.repository.countLocked(tx, orgId)) >= MAX_POLICIES) throw tooMany(MAX_POLICIES);
      await this.repository.insert(tx, orgId, id, { ...settings, judgeGrants }, actorOf(principal));
      await recordChange(tx, principal, {
        action: 'policies:CreatePolicy',
        target: id,
        change: { ...settings, ...grantsIn(judgeGrants), version: 1 },
        topic: 'policy.changed',
        ids: { policyId: id },
      });
      return this.present(tx, orgId, id);
    });
  }

  async update(
    principal: Principal,
    id: string,
    { clear = [], ...sent }: UpdatePolicyDto,
    ifMatch: string | undefined,
  ): Promise<Tagged<PolicyDto>> {
    const { orgId } = principal;
    assertPolicyId(id);
    assertNotSetAndCleared(sent, clear);
    return this.db.withOrg(orgId, async (tx) => {
      const before = await this.locked(tx, orgId, id);
      await assertMayChange(tx, principal, before);
      assertIfMatch(ifMatch, etagOf(id, before.version));
      const cleared = clear.includes('description');
      const after: PolicySettings = {
        name: sent.name ?? before.name,
        description: patched(before.description, sent.description, cleared, ''),
        scope: sent.scope ? await this.input.scope(tx, orgId, sent.scope) : before.scope,
        severity: sent.severity ?? before.severity,
        enabled: sent.enabled ?? before.enabled,
        rules: sent.rules ? await this.input.rules(tx, orgId, sent.rules) : before.rules,
      };
      const given = { ...before, judgeGrants: await this.repository.judgeGrants(tx, orgId, id) };
      const names = sent.rules !== undefined || sent.scope !== undefined;
      const judgeGrants = await this.judges.grants(tx, principal, { after, before: given, names });
      const change = changesBetween(given, { ...after, judgeGrants });
      if (Object.keys(change).length === 0) return this.present(tx, orgId, id);
      const version = before.version + 1;
      await this.repository.update(tx, orgId, id, version, { ...after, judgeGrants }, actorOf(principal));
      await recordChange(tx, principal, {
        action: 'policies:UpdatePolicy',
        target: id,
        change: { ...change, version },
        topic: 'policy.changed',
        ids: { policyId: id },
      });
      return this.present(tx, orgId, id);
    });
  }

  /** Its versions and its violations stay on record. */
  async delete(principal: Principal, id: string, ifMatch: string | undefined): Promise<void> {
    const { orgId } = principal;
    assertPolicyId(id);
    await this.db.withOrg(orgId, async (tx) => {
      const policy = await this.locked(tx, orgId, id);
      await assertMayChange(tx, principal, policy);
      const { name, scope, severity, enabled, rules, version } = policy;
      assertIfMatch(ifMatch, etagOf(id, version));
      await this.repository.delete(tx, orgId, id);
      await recordChange(tx, principal, {
        action: 'policies:DeletePolicy',
        target: id,
        change: { name, scope, severity, enabled, rules, version },
        topic: 'policy.deleted',
        ids: { policyId: id },
      });
    });
  }

  /** Newest first. */
  async versions({ orgId }: Principal, id: string, query: PageQuery): Promise<PolicyVersionPageDto> {
    assertPolicyId(id);
    const before = versionOf(query.cursor);
    return this.db.withOrg(orgId, async (tx) => {
      if (!(await this.repository.find(tx, orgId, id))) throw notFound();
      const rows = await this.repository.versions(tx, orgId, id, { take: query.limit + 1, before });
      return toPage(rows, query.limit, ({ version }) => String(version), versionDtoOf);
    });
  }

  private async locked(tx: TenantTx, orgId: string, id: string): Promise<Policy> {
    const policy = await this.repository.findLocked(tx, orgId, id);
    if (!policy) throw notFound();
    return policy;
  }

  private async present(tx: TenantTx, orgId: string, id: string): Promise<Tagged<PolicyDto>> {
    const policy = await this.repository.find(tx, orgId, id);
    if (!policy) throw notFound();
    return tagged(policy, (await this.subjects.counts(tx, orgId, [id]))(id));
  }
}

/** Told where there is one: most policies have no judge. */
function grantsIn(judgeGrants: string[]): { judgeGrants?: string[] } {
  return judgeGrants.length > 0 ? { judgeGrants } : {};
}

export function assertPolicyId(id: string): void {
  if (!isId('pol', id)) throw notFound();
}

function versionOf(cursor: string | undefined): number | undefined {
  const key = decodeCursor(cursor);
  if (key === undefined || /^\d{1,9}$/.test(key)) return key === undefined ? undefined : Number(key);
  throw new ClavigerError(
    'validation_failed',
    'This cursor belongs to another list. Leave it out to start from the beginning.',
    {
      errors: [
        { pointer: '/cursor', detail: 'Use nextCursor of the page before, unchanged, or leave it out.' },
      ],
    },
  );
}
