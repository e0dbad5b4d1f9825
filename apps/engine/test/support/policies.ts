import { setTimeout as delay } from 'node:timers/promises';
import { newId, toUuid } from '#lib/kernel';
import type { Stage } from './stage.js';
import type { Tenant } from './tenants.js';

export interface PolicyInput {
  severity?: string;
  workspaceId?: string;
  tokenId?: string;
  judgeKeys?: string[];
  /** Those of them that it was given; all unless told. */
  judgeGrants?: string[];
}

/** Makes a policy as the control plane writes it; answers its id. */
export async function addPolicy(
  { db }: Stage,
  { orgId }: Tenant,
  rules: object[],
  { severity = 'HIGH', workspaceId, tokenId, judgeKeys = [], judgeGrants = judgeKeys }: PolicyInput = {},
): Promise<string> {
  const id = newId('pol');
  await db.query(
    `INSERT INTO policies (org_id, id, name, description, workspace_id, token_id, severity, enabled, rules, judge_keys,
       judge_grants) VALUES ($1, $2, $3, '', $4, $5, $6, true, $7, $8, $9)`,
    [
      toUuid(orgId),
      toUuid(id),
      id,
      workspaceId ? toUuid(workspaceId) : null,
      tokenId ? toUuid(tokenId) : null,
      severity,
      JSON.stringify(rules),
      judgeKeys.map(toUuid),
      judgeGrants.map(toUuid),
    ],
  );
  return id;
}

export interface ViolationRow {
  action: string;
  severity: string;
  rule_type: string;
  detail: string;
  run_id: string | null;
}

/** The violations of an organization, when there are `count` of them. */
export async function violationsOf({ db }: Stage, { orgId }: Tenant, count: number): Promise<ViolationRow[]> {
  for (let tries = 0; ; tries += 1) {
    const { rows } = await db.query<ViolationRow>(
      'SELECT action, severity, rule_type, detail, run_id FROM policy_violations WHERE org_id = $1 ORDER BY id',
      [toUuid(orgId)],
    );
    if (rows.length >= count || tries > 100) return rows;
    await delay(50);
  }
}

/** The audit rows that refusals by policies left. */
export async function blocksOf({ db }: Stage, { orgId }: Tenant): Promise<{ target: string }[]> {
  const { rows } = await db.query<{ target: string }>(
    `SELECT target FROM audit_events WHERE org_id = $1 AND action = 'policies.Block' ORDER BY seq`,
    [toUuid(orgId)],
  );
  return rows;
}
