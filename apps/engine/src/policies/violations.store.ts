import { Injectable } from '@nestjs/common';
import { newUuid, toUuid } from '#lib/kernel';
import { appendAuditPg, appendOutboxPg, PgPool, withTenantPg, type TenantPg } from '#lib/persistence';
import type { Violation } from './violation.js';

/** Rows of `policy_violations`, each inside its tenant. */
@Injectable()
export class ViolationsStore {
  constructor(private readonly pool: PgPool) {}

  /** Refused calls: of each its receipt and its audit row, and one event for each policy; or none of them. */
  block(orgId: string, violations: readonly Violation[]): Promise<void> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      await insert(tx, orgId, violations);
      for (const violation of onePerPolicy(violations)) await appendOutboxPg(tx, eventOf(violation));
      for (const { broken, workspaceId, principalId, runId, requestId } of violations) {
        await appendAuditPg(tx, {
          orgId,
          actor: principalId,
          action: 'policies.Block',
          target: broken.policy.id,
          requestId,
          ip: null,
          change: { ...broken, workspaceId, runId },
        });
      }
    });
  }

  /** Calls that went on: their receipts, and one event for each policy that asks to be told. */
  note(orgId: string, violations: readonly Violation[]): Promise<void> {
    const alerts = onePerPolicy(violations.filter(({ action }) => action === 'alerted'));
    return withTenantPg(this.pool, orgId, async (tx) => {
      await insert(tx, orgId, violations);
      for (const violation of alerts) await appendOutboxPg(tx, eventOf(violation));
    });
  }
}

function onePerPolicy(violations: readonly Violation[]): Violation[] {
  return [...new Map(violations.map((violation) => [violation.broken.policy.id, violation])).values()];
}

function eventOf({ orgId, broken, workspaceId }: Violation) {
  const ids = { policyId: broken.policy.id, workspaceId };
  return { orgId, topic: 'policy.violated' as const, ids };
}

async function insert(tx: TenantPg, orgId: string, violations: readonly Violation[]): Promise<void> {
  const column = <T>(pick: (violation: Violation) => T): T[] => violations.map(pick);
  await tx.query(
    `INSERT INTO policy_violations (org_id, id, policy_id, policy_name, policy_version, scope, severity, action, rule_index,
       rule_type, detail, workspace_id, principal_id, run_id, provider, model, request_id, created_at)
     SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::int[],
       $10::text[], $11::text[], $12::uuid[], $13::text[], $14::uuid[], $15::text[], $16::text[], $17::text[],
       $18::timestamptz[])`,
    [
      toUuid(orgId),
      column(() => newUuid()),
      column(({ broken }) => toUuid(broken.policy.id)),
      column(({ broken }) => broken.policy.name),
      column(({ broken }) => broken.policy.version),
      column(({ broken }) => broken.scope.type),
      column(({ broken }) => broken.severity),
      column(({ action }) => action),
      column(({ broken }) => broken.rule.index),
      column(({ broken }) => broken.rule.type),
      column(({ broken }) => `The call ${broken.fault}.`.replaceAll('\0', '')),
      column(({ workspaceId }) => toUuid(workspaceId)),
      column(({ principalId }) => principalId),
      column(({ runId }) => runId && toUuid(runId)),
      column(({ broken }) => broken.provider),
      column(({ broken }) => broken.model?.slice(0, 200).replaceAll('\0', '') ?? null),
      column(({ requestId }) => requestId),
      column(({ at }) => at.toISOString()),
    ],
  );
}
