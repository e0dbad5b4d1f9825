import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newUuid, sha256, toUuid } from '#lib/kernel';
import { PgPool, type PgClient } from '#lib/persistence';
import {
  copyTenant,
  fillTenantTables,
  makeTenant,
  moveBehind,
  startTestDatabase,
  type TenantFixture,
  type TestDatabase,
} from '#lib/testing';

// Look-up functions see every organization's rows: what keeps these apart is the filter that each of them writes for itself. Every
// function that is there is called, and every filter in them taken out once: a new one is covered the day it appears.

/** With what there is of each kind more than the fixture's plan allows of anything, were they counted together. */
const TIMES = 2;

/** They look over all organizations, for the worker or an operator, or at no organization's rows. */
const ACROSS = [
  ...['abandoned_versions', 'due_expiry_notices', 'due_policy_alerts', 'due_purges', 'due_quota_alerts'],
  ...[
    'due_shreds',
    'lost_reservations',
    'outbox_waiting',
    'outbox_happened',
    'provider_use',
    'rewrap_progress',
    'sealed_refs',
  ],
  ...['audit_checkpoints_between', 'audit_heads_moved', 'audited_orgs', 'acknowledged_restores'],
  ...['restore_facts', 'audit_hash', 'framed', 'runs_to_cancel', 'unmarked_claims', 'expired_pauses'],
  // How many there are, of whom does not show.
  'runs_waiting',
  'outbox_failing',
  // Of a person, who may belong to several.
  'orgs_of_user',
];

const FILTER =
  /\b(?:\w+\.)?org_id = (?:\w+(?:\.\w+)?(?![\w.(])|nullif\(current_setting\([^)]*\), ''\)::uuid|\(p_state #>> '\{org,id\}'\)::uuid)/g;

interface Change {
  name: string;
  definition: string;
}

interface Lookup {
  signature: string;
  call: string;
  definition: string;
}

let database: TestDatabase;
let root: PgPool;
let t: TenantFixture;
let lookups: Lookup[];
let state: string;
/** Keys that are assigned nowhere: one that a policy only names, one that a policy was given, one beyond the plan. */
const [named, given, beyond] = [newUuid(), newUuid(), newUuid()];
/** Signs the messages of a webhook. */
const signing = newUuid();
/** A token of the same organization that ours is not of the line of. */
const elder = newUuid();

beforeAll(async () => {
  database = await startTestDatabase();
  root = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
  t = await makeTenant(database.superuserUrl);
  await arrange();
  const { rows } = await root.query<{ state: object }>(
    `SELECT state FROM lookup.authorised_state(${literal(keys().slice(0, 1))}::jsonb)`,
  );
  state = literal(rows[0]!.state);
  lookups = await allLookups();
});
afterAll(async () => {
  await root.close();
  await database.stop();
});

const org = () => toUuid(t.orgId);

/** Something for each filter to keep out: rows of every table, and some that only the others will have. */
async function arrange(): Promise<void> {
  await fillTenantTables(root, [org()]);
  const judges = `INSERT INTO policies (org_id, id, name, description, severity, enabled, rules, judge_keys, judge_grants)`;
  const key = 'INSERT INTO provider_keys (org_id, id, name, provider, limits, created_at)';
  const quota =
    'INSERT INTO quotas (org_id, id, name, provider_key_id, token_id, metric, period, max, mode, thresholds)';
  for (const sql of [
    `UPDATE policies SET enabled = true, rules = '[{"type": "judge"}]', judge_keys = ARRAY['${named}'::uuid] WHERE org_id = $1`,
    `${judges} VALUES ($1, gen_random_uuid(), 'given', '', 'LOW', true, '[{"type": "judge"}]', '{${given}}', '{${given}}')`,
    `UPDATE policy_approvals SET expires_at = now(), workspace_id = '${toUuid(t.workspaceId)}',
       policy_id = (SELECT id FROM policies WHERE org_id = $1 LIMIT 1) WHERE org_id = $1`,
    ...[named, given, beyond].map(
      (id, at) => `${key} VALUES ($1, '${id}', '${id}', 'openai', '{"rpm": 1}', now() + interval '${at} h')`,
    ),
    `UPDATE tokens SET limits = '{"rpm": 1}' WHERE org_id = $1`,
    `INSERT INTO tokens (org_id, id, name, kind, owner_member_id, prefix, token_hash)
     SELECT org_id, '${elder}', 'elder', kind, owner_member_id, prefix, 'elder' FROM tokens WHERE org_id = $1`,
    `INSERT INTO policies (org_id, id, name, description, severity, enabled, rules, token_id)
     VALUES ($1, gen_random_uuid(), 'of a token', '', 'LOW', true, '[]', '${elder}')`,
    `${quota} VALUES ($1, gen_random_uuid(), 'of a key', '${named}', NULL, 'runs', 'day', 1, 'enforce', '{}')`,
    `${quota} VALUES ($1, gen_random_uuid(), 'of a token', NULL, '${elder}', 'runs', 'day', 1, 'enforce', '{}')`,
    `UPDATE secrets SET for_tools = true WHERE org_id = $1 AND purpose = 'call'`,
    `UPDATE mcp_servers SET secret_id = '${toUuid(t.secretId)}' WHERE org_id = $1`,
    `INSERT INTO mcp_assignments (org_id, workspace_id, mcp_server_id)
     SELECT org_id, '${toUuid(t.workspaceId)}', id FROM mcp_servers WHERE org_id = $1 ON CONFLICT DO NOTHING`,
    `UPDATE orgs SET stopped_by_owner = 'ours' WHERE org_id = $1`,
    `INSERT INTO secrets (org_id, id, name, purpose, mask, current_version) VALUES ($1, '${signing}', 's', 'webhook', '…', 1)`,
    `INSERT INTO secret_versions (org_id, secret_id, version, format, kms_ref, wrapped_dek, envelope, state)
     VALUES ($1, '${signing}', 1, 1, 'local:webhook:k', 'dek', 'envelope', 'active')`,
    `UPDATE webhooks SET secret_id = '${signing}' WHERE org_id = $1`,
  ])
    await root.query(sql.replaceAll('$1', `'${org()}'`));
}

/** Other organizations come, with all that this one has and some that it has not: assignments, and tokens of a line. */
async function othersCome(): Promise<void> {
  const ours = [org(), toUuid(t.workspaceId), [named, beyond]];
  const line = (ancestors: string[]) =>
    root.query('UPDATE tokens SET ancestors = $3 WHERE org_id = $1 AND id = $2', [
      ...[org(), toUuid(t.tokenId), ancestors],
    ]);
  await root.query(
    'INSERT INTO assignments (org_id, workspace_id, provider_key_id) SELECT $1, $2, unnest($3::uuid[])',
    ours,
  );
  await line([elder]);
  await copyTenant(root, org(), TIMES);
  await line([]);
  await root.query(
    'DELETE FROM assignments WHERE org_id = $1 AND workspace_id = $2 AND provider_key_id = ANY ($3)',
    ours,
  );
  for (const change of [
    `UPDATE orgs SET plan = 'team'`,
    `UPDATE members SET role = 'MEMBER'`,
    `UPDATE policies SET judge_grants = '{}'`,
  ])
    await root.query(`${change} WHERE org_id <> $1`, [org()]);
}

function keys(): object[] {
  const workspace = toUuid(t.workspaceId);
  const ticket = { org: org(), user: toUuid(t.ownerId), key: toUuid(t.aiProviderId) };
  return [
    { token: t.tokenHash.toString('hex'), workspace },
    { session: t.sessionHash.toString('hex'), workspace },
    { ticket, workspace },
  ];
}

function literal(value: object): string {
  return `'${JSON.stringify(value).replaceAll("'", "''")}'`;
}

/** What a function is called with, by the name of the parameter or of function and parameter. */
function argument(fn: string, name: string): string {
  const bytes = (hash: Buffer) => `'\\x${hash.toString('hex')}'::bytea`;
  const uuid = (id: string) => `'${toUuid(id)}'::uuid`;
  const known: Record<string, string> = {
    p_org: `'${org()}'::uuid`,
    p_workspace: uuid(t.workspaceId),
    p_token: uuid(t.tokenId),
    p_user: uuid(t.ownerId),
    p_key: uuid(t.aiProviderId),
    p_version: 'NULL',
    p_sealed: 'true',
    p_state: `${state}::jsonb`,
    p_keys: `${literal(keys())}::jsonb`,
    p_email: `'${t.ownerId}@test.test'`,
    p_now: `'2026-01-01T00:00:00Z'`,
    p_limit: `'keys'`,
    p_webhook: `(SELECT id FROM webhooks WHERE org_id = '${org()}')`,
    p_drain_seconds: '900',
    p_principal: `'${t.tokenId}'`,
    p_id: `'${t.tokenId}'`,
    k: `(SELECT k FROM provider_keys k WHERE k.org_id = '${org()}' AND k.id = ${uuid(t.aiProviderId)})`,
    p_token_hash: bytes(t.tokenHash),
    p_hash: bytes(t.tokenHash),
    'session.p_token_hash': bytes(t.sessionHash),
    'state_by_session.p_hash': bytes(t.sessionHash),
    'invite.p_token_hash': bytes(sha256('invite of ', t.orgId)),
  };
  const value = known[`${fn}.${name}`] ?? known[name];
  if (value === undefined)
    throw new Error(`${fn} wants ${name}: say here what that is, or that it looks over all`);
  return value;
}

async function allLookups(): Promise<Lookup[]> {
  const { rows } = await root.query<{ name: string; names: string[]; signature: string; definition: string }>(
    `SELECT p.proname AS name, (coalesce(p.proargnames, '{}'))[1:p.pronargs] AS names, p.oid::regprocedure::text AS signature,
       pg_get_functiondef(p.oid) AS definition
     FROM pg_proc p
     WHERE p.pronamespace = 'lookup'::regnamespace AND p.provolatile <> 'v' AND p.proname <> ALL ($1) ORDER BY 3`,
    [ACROSS],
  );
  return rows.map(({ name, names, signature, definition }) => {
    const call = `lookup.${name}(${names.map((param) => argument(name, param)).join(', ')})`;
    return { signature, call, definition };
  });
}

/** What every function answers about our organization; a function that fails answers its error. */
async function answers(client: PgClient): Promise<Map<string, string>> {
  await client.query(`SELECT set_config('app.org_id', $1, true)`, [org()]);
  // From the beginning of each table: which row comes first should not hang on an index.
  for (const way of ['indexscan', 'indexonlyscan', 'bitmapscan'])
    await client.query(`SET LOCAL enable_${way} = off`);
  const told = new Map<string, string>();
  for (const { signature, call } of lookups) {
    await client.query('SAVEPOINT asked');
    try {
      const { rows } = await client.query<{ told: string | null }>(
        `SELECT jsonb_agg(to_jsonb(x) ORDER BY to_jsonb(x)::text)::text AS told FROM ${call} x`,
      );
      told.set(signature, rows[0]?.told ?? 'null');
    } catch (error) {
      await client.query('ROLLBACK TO SAVEPOINT asked');
      told.set(signature, String(error));
    }
  }
  return told;
}

class Undone extends Error {}

/** What they answer while a function is another; it is put back. */
async function answersWith(definition: string): Promise<Map<string, string>> {
  let told = new Map<string, string>();
  await root
    .transaction(async (client) => {
      await client.query(definition);
      told = await answers(client);
      throw new Undone();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undone)) throw error;
    });
  return told;
}

/** Each function once for each of its filters, without that filter. */
function withoutOne(): Change[] {
  return lookups.flatMap(({ signature, definition }) =>
    [...definition.matchAll(FILTER)].map((found, at) => ({
      name: `${signature} #${at + 1}: ${found[0]}`,
      definition: definition.slice(0, found.index) + 'true' + definition.slice(found.index + found[0].length),
    })),
  );
}

async function told(): Promise<Record<string, string>> {
  return Object.fromEntries(await root.transaction(answers));
}

/** Those of these that change no answer. */
async function unnoticed(changes: Change[]): Promise<Change[]> {
  const before = JSON.stringify(await told());
  const left: Change[] = [];
  for (const change of changes) {
    const after = Object.fromEntries(await answersWith(change.definition));
    if (JSON.stringify(after) === before) left.push(change);
  }
  return left;
}

describe('#7 look-up functions answer of one organization', () => {
  it('every filter is one that can be taken out here', () => {
    const written = lookups.flatMap(({ definition }) => definition.match(/\borg_id = /g) ?? []);
    expect(written.length).toBeGreaterThan(30);
    expect(withoutOne()).toHaveLength(written.length);
  });

  it('the same when others come, with rows of every table under the same ids; without one of their filters they would not', async () => {
    const alone = await root.transaction(answers);
    expect([...alone.values()].filter((told) => told.includes('rror'))).toEqual([]);
    await othersCome();
    expect(await told()).toEqual(Object.fromEntries(alone));

    const first = await unnoticed(withoutOne());
    await moveBehind(root, org());
    expect(await told()).toEqual(Object.fromEntries(alone));
    const last = await unnoticed(first);
    expect(last.map(({ name }) => name)).toEqual([]);
  });
});
