import type { EventTopic } from '#lib/contracts';
import { toUuid } from '#lib/kernel';
import { destroyOrg, TenantDb } from '#lib/persistence';
import type { Stage } from './stage.js';
import type { Tenant } from './tenants.js';

/** Whose right is taken away. */
export interface Victim {
  stage: Stage;
  tenant: Tenant;
  keyId: string;
}

export interface Revocation {
  name: string;
  topic: EventTopic;
  /** What the control plane commits; nothing here tells anybody. */
  commit(of: Victim): Promise<unknown>;
  status: number;
  code: string;
}

export const sqlOf = ({ stage, tenant: { orgId } }: Victim, text: string) =>
  stage.db.query(text, [toUuid(orgId)]);

export const REVOCATIONS: Revocation[] = [
  {
    name: 'unassigning the key',
    topic: 'assignments.replaced',
    commit: (of) => sqlOf(of, 'DELETE FROM assignments WHERE org_id = $1'),
    status: 422,
    code: 'no_provider_key',
  },
  {
    name: 'switching the assignment off',
    topic: 'assignments.replaced',
    commit: (of) => sqlOf(of, 'UPDATE assignments SET active = false WHERE org_id = $1'),
    status: 422,
    code: 'no_provider_key',
  },
  {
    name: 'disabling the key',
    topic: 'provider-key.updated',
    commit: (of) => sqlOf(of, 'UPDATE provider_keys SET enabled = false WHERE org_id = $1'),
    status: 422,
    code: 'no_provider_key',
  },
  {
    name: 'switching the provider off',
    topic: 'provider-gate.changed',
    commit: (of) =>
      sqlOf(of, `INSERT INTO provider_gates (org_id, provider, enabled) VALUES ($1, 'openai', false)`),
    status: 403,
    code: 'provider_disabled',
  },
  {
    name: 'deleting the key',
    topic: 'provider-key.deleted',
    commit: deleteKey,
    status: 422,
    code: 'no_provider_key',
  },
  {
    name: 'an OWNER’s stop of the organization',
    topic: 'org.kill-switch-changed',
    commit: (of) => sqlOf(of, `UPDATE orgs SET stopped_by_owner = 'incident' WHERE org_id = $1`),
    status: 503,
    code: 'ai_disabled',
  },
  {
    name: 'the operator’s stop of the organization',
    topic: 'org.kill-switch-changed',
    commit: (of) => sqlOf(of, `UPDATE orgs SET stopped_by_operator = '' WHERE org_id = $1`),
    status: 503,
    code: 'ai_disabled',
  },
  {
    name: 'a move to a plan without room for the key',
    topic: 'org.updated',
    commit: async (of) => {
      await of.stage.db.query(`INSERT INTO plans VALUES ('no-keys', '{"keys": 0}') ON CONFLICT DO NOTHING`);
      await sqlOf(of, `UPDATE orgs SET plan = 'no-keys' WHERE org_id = $1`);
    },
    status: 403,
    code: 'plan_read_only',
  },
  {
    name: 'revoking the token',
    topic: 'token.revoked',
    commit: (of) => sqlOf(of, 'UPDATE tokens SET revoked_at = now() WHERE org_id = $1'),
    status: 401,
    code: 'unauthenticated',
  },
  {
    name: 'demoting the token’s owner',
    topic: 'member.changed',
    commit: (of) => sqlOf(of, `UPDATE members SET role = 'MEMBER' WHERE org_id = $1`),
    status: 403,
    code: 'forbidden',
  },
  {
    name: 'removing the token’s owner',
    topic: 'member.removed',
    commit: (of) => sqlOf(of, 'DELETE FROM members WHERE org_id = $1'),
    status: 401,
    code: 'unauthenticated',
  },
  {
    name: 'curating the model away',
    topic: 'provider-key.updated',
    commit: (of) => sqlOf(of, `UPDATE provider_keys SET models = '{gpt-4.1}' WHERE org_id = $1`),
    status: 422,
    code: 'model_not_available',
  },
  {
    name: '#46 a new policy against the model',
    topic: 'policy.changed',
    commit: (of) =>
      sqlOf(
        of,
        `INSERT INTO policies (org_id, id, name, description, severity, enabled, rules)
         VALUES ($1, gen_random_uuid(), 'no mini', '', 'HIGH', true, '[{"type": "models", "deny": ["*mini*"]}]')`,
      ),
    status: 422,
    code: 'policy_violation',
  },
  {
    name: 'deleting the organization',
    topic: 'org.deleted',
    commit: deleteOrg,
    status: 401,
    code: 'unauthenticated',
  },
];

/** As the control plane does it. */
export async function deleteOrg({ stage, tenant: { orgId, owner } }: Victim): Promise<void> {
  const db = new TenantDb({ databaseUrl: stage.database.apiUrl, max: 1 });
  const deletion = { orgId, deletedBy: owner.userId, deletedAt: new Date() };
  await db.withOrgAlone(orgId, (tx) => destroyOrg(tx, deletion));
  await db.close();
}

async function deleteKey(of: Victim): Promise<void> {
  await sqlOf(of, 'DELETE FROM assignments WHERE org_id = $1');
  await sqlOf(of, 'DELETE FROM provider_keys WHERE org_id = $1');
  await sqlOf(
    of,
    `UPDATE secret_versions SET state = 'shredded', envelope = NULL, wrapped_dek = NULL WHERE org_id = $1`,
  );
}
