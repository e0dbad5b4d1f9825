import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newUuid, toUuid } from '#lib/kernel';
import { verifyAuditExport } from '#lib/persistence';
import { addViolation } from '../support/violations.js';
import { EXPORT_SECTIONS } from '../../src/modules/orgs/export-sections.js';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';
import { inDays } from '../support/times.js';

/** Tenant tables that the sections leave out, each for its reason. */
const LEFT_OUT: Record<string, string> = {
  audit_events: 'exported by the audit room, exact to the byte that was hashed',
  outbox_events: 'events on their way to other processes: each stands in the audit log',
  idempotency_keys: 'copies of answers of the last 24 hours',
  usage_daily: 'the same sums as usage_days, by workers of the release before',
  org_deletions: 'has a row only for an organization that can export nothing any more',
};

/** Columns that an exported table keeps to itself. */
const WITHHELD: Record<string, string> = {
  'users.password_hash': 'lets passwords be guessed',
  'users.created_at': 'of the account, which is not the organization’s',
  'users.updated_at': 'of the account, which is not the organization’s',
  'invites.token_hash': 'lets tokens be recognised',
  'tokens.token_hash': 'lets tokens be recognised',
  'secrets.fingerprint': 'lets values be compared',
  'secret_versions.wrapped_dek': 'is a wrapped key',
  'secret_versions.envelope': 'is the ciphertext',
  'secret_versions.kms_ref': 'names the installation’s master key',
  'agent_runs.request_hash': 'is a hash of the request',
  'run_requests.principal_hash': 'lets tokens be recognised',
  'model_aliases.id': 'is the row’s alone: an alias is known by its name',
  'org_kms_keys.kms_ref': 'is made of the key and the role beside it',
  'agent_runs.engine_id': 'names a process of the installation',
  'policies.judge_keys': 'is made of the rules beside it',
  'policies.judge_grants': 'is told by the audit rows of who named them',
};

const SECRET = 'sk-export-canary-7f3b0c55d2a94e1e8f6a';

interface Line {
  type: string;
  data: Record<string, unknown>;
}

describe('export of a whole organization', () => {
  let api: TestApi;
  let owner: Person;
  let stranger: Person;
  const shownOnce: string[] = [];

  beforeAll(async () => {
    api = await startTestApi();
    [owner, stranger] = [await api.owner(), await api.owner('stranger')];
    for (const person of [owner, stranger]) await populate(person);
  });
  afterAll(() => api.stop());

  async function populate(person: Person): Promise<void> {
    const member = await joinAs(api, person, 'MEMBER');
    const key = { name: 'Main', provider: 'openai', secret: SECRET, expiresAt: '2099-01-01T00:00:00Z' };
    const { id } = (await person.post('/ai-providers', key)).body;
    await person.put(`/workspaces/${person.workspaceId}/ai-providers`, {
      assignments: [{ aiProviderId: id, priority: 0, weight: 1, active: true }],
    });
    await person.put(`/workspaces/${person.workspaceId}/members/${member.memberId}`, {
      ...{ canEdit: false, canDelete: false, canExecute: true },
    });
    await person.put('/providers/groq', { enabled: false });
    await person.put('/model-aliases', { aliases: [{ name: 'fast', models: ['gpt-5'] }] });
    for (const kind of ['api', 'engine'])
      shownOnce.push((await person.post('/tokens', { name: kind, kind })).body.token);
    shownOnce.push((await person.post('/invites', {})).body.token);
    await withSuperuser(api, async (pool) => {
      const [org, ws, aip, run] = [toUuid(person.orgId), toUuid(person.workspaceId), toUuid(id), newUuid()];
      await pool.query(
        `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, status, result, asked)
         VALUES ($1, $2, $3, 'node', 'h', 'tok_x', 'succeeded', '{"text": "hello"}', '{"system": "hi"}')`,
        [org, run, ws],
      );
      await pool.query(
        `INSERT INTO usage_records (org_id, id, run_id, workspace_id, provider_key_id, key_version, provider, model,
           principal_id, outcome, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost_micro_usd)
         SELECT $1, gen_random_uuid(), $2, $3, $4, 1, 'openai', 'm', 'tok_x', 'succeeded', n, 1, 0, 0, 7
         FROM generate_series(1, 1201) n`,
        [org, run, ws, aip],
      );
      await pool.query(
        `INSERT INTO usage_days SELECT $1, date '2026-11-21', sha256(m::bytea), $2, $3, 'openai', m, 'tok_x', 'jane', NULL,
           1, 0, 1, 1, 0, 0, 9007199254, 0 FROM unnest('{a,b}'::text[]) m`,
        [org, ws, aip],
      );
      await pool.query('SELECT lookup.roll_up_usage(1200, 30)');
      const [arn, role] = ['arn:aws:kms:eu-central-1:111122223333:key/k', 'arn:aws:iam::111122223333:role/r'];
      await pool.query(
        `INSERT INTO org_kms_keys (org_id, id, kms_ref, key_arn, role_arn, external_id, state)
         SELECT org_id, gen_random_uuid(), 'own-aws:' || $2 || '|' || $3, $2, $3, kms_external_id, 'retired'
         FROM orgs WHERE org_id = $1`,
        [org, arn, role],
      );
      const quota = await person.post('/quotas', {
        ...{ name: 'exported', scope: { type: 'organization' }, metric: 'runs', window: 'day', max: 9 },
      });
      await pool.query(
        `INSERT INTO quota_reservations VALUES ($1, $2, $3, 1, 'openai', 'm', NULL, 1, 1, 1, now())`,
        [org, run, aip],
      );
      await pool.query(`INSERT INTO run_requests VALUES ($1, $2, 'token', 'h', '{}')`, [org, run]);
      await pool.query(`INSERT INTO run_events VALUES ($1, $2, 1, 1, '[]')`, [org, run]);
      await pool.query(`INSERT INTO quota_holds VALUES ($1, $2, $3, now(), 1)`, [
        org,
        run,
        toUuid(quota.body.id),
      ]);
      const mcp = await person.post('/mcp-servers', { name: 'exported', url: 'https://1.1.1.1/mcp' });
      await person.put(`/workspaces/${person.workspaceId}/mcp-servers`, {
        assignments: [{ mcpServerId: mcp.body.id }],
      });
      const webhook = await person.post('/webhooks', {
        ...{ name: 'exported', url: 'https://1.1.1.1/hook', events: ['run.finished'] },
      });
      await person.post(`/webhooks/${webhook.body.id}/test`);
      await person.post('/price-overrides', {
        ...{ provider: 'openai', model: 'm', inputMicroUsdPerMTok: 1, outputMicroUsdPerMTok: 1 },
      });
      const policy = await person.post('/policies', {
        name: 'exported',
        scope: { type: 'workspace', id: person.workspaceId },
        severity: 'LOW',
        rules: [{ type: 'models', deny: ['x-*'] }],
      });
      await person.post(`/policies/${policy.body.id}/approvals`, {
        workspaceId: person.workspaceId,
        reason: 'why',
        expiresAt: inDays(30),
      });
      await addViolation(api, person, policy.body.id);
      await pool.query(
        `INSERT INTO notices VALUES ($1, gen_random_uuid(), 'aiProvider.expiring', $2, 'info', now(), 30, now())`,
        [org, aip],
      );
      await pool.query(
        `INSERT INTO provider_key_health (org_id, id, provider_key_id, at, source, outcome, refused_in_a_row)
         VALUES ($1, gen_random_uuid(), $2, now(), 'test', 'refused', 0)`,
        [org, aip],
      );
    });
  }

  const exported = async (person = owner): Promise<{ text: string; lines: Line[] }> => {
    const { status, text, headers } = await person.get(`/orgs/${person.orgId}/export`);
    expect([status, headers['content-type']]).toEqual([200, 'application/x-ndjson']);
    return {
      text,
      lines: text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line),
    };
  };

  it('every tenant table is exported or left out for a reason, and so is every column', async () => {
    const { rows } = await withSuperuser(api, (pool) =>
      pool.query<{ table: string; column: string }>(`
        SELECT c.relname AS table, a.attname AS column FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
          AND (c.relname = 'users' OR EXISTS (
            SELECT 1 FROM pg_attribute o WHERE o.attrelid = c.oid AND o.attname = 'org_id'))`),
    );
    const ours = (table: string) => EXPORT_SECTIONS.find((section) => section.table === table);
    const unnamed = rows
      .filter(({ table }) => !(table in LEFT_OUT))
      .filter(({ table, column }) => {
        const named = ours(table)?.columns.some((known) => known.column === column);
        return !named && !(column === 'org_id' && ours(table)) && !(`${table}.${column}` in WITHHELD);
      });
    expect(unnamed).toEqual([]);
    // And nothing is both: a reason must not stand beside a column that is exported all the same.
    const columns = EXPORT_SECTIONS.flatMap(({ table, columns: all }) =>
      all.map(({ column }) => `${table}.${column}`),
    );
    expect(columns.filter((column) => column in WITHHELD)).toEqual([]);
    expect(rows.length).toBeGreaterThan(100);
  });

  it('every section has its rows, each once, over the borders of pages', async () => {
    const { lines } = await exported();
    expect(lines[0]).toMatchObject({ type: 'export', data: { orgId: owner.orgId } });
    const counts = lines.at(-1)!.data['counts'] as Record<string, number>;
    expect(lines.at(-1)!.type).toBe('end');
    expect(Object.keys(counts).sort()).toEqual(
      [...EXPORT_SECTIONS.map(({ type }) => type), 'auditEvent']
        .filter((type) => type !== 'auditCheckpoint')
        .sort(),
    );
    expect(counts).toMatchObject({
      org: 1,
      person: 2,
      member: 2,
      token: 2,
      usageRecord: 1201,
      usageDay: 3,
      run: 1,
    });
    const receipts = lines.filter(({ type }) => type === 'usageRecord').map(({ data }) => data['id']);
    expect(new Set(receipts).size).toBe(1201);
    expect(lines.find(({ type }) => type === 'run')?.data).toMatchObject({
      ...{ result: { text: 'hello' }, asked: { system: 'hi' } },
    });
    const [key, assignment] = ['aiProvider', 'assignment'].map(
      (kind) => lines.find(({ type }) => type === kind)!.data,
    );
    expect(key).toMatchObject({
      name: 'Main',
      expiresAt: '2099-01-01T00:00:00.000Z',
      secretId: expect.stringMatching(/^sec_/),
    });
    expect(assignment).toMatchObject({ workspaceId: owner.workspaceId, aiProviderId: key!['id'] });
  });

  it('#54 the audit log in it can be verified, and names the export', async () => {
    const { text } = await exported();
    const events = text
      .split('\n')
      .filter((line) => line.startsWith('{"type":"auditEvent"'))
      .map((line) => line.slice('{"type":"auditEvent","data":'.length, -1));
    expect(await verifyAuditExport(events, owner.orgId)).toMatchObject({ ok: true });
    expect(events.at(-1)).toContain('orgs:ExportOrg');
  });

  it('#17 holds no secret, no sealed byte, no hash of a token or password, and no row of another organization', async () => {
    const { text } = await exported();
    const needles = await forbidden();
    expect(needles.length).toBeGreaterThan(25);
    expect(needles.filter(([, needle]) => text.includes(needle)).map(([what]) => what)).toEqual([]);
  });

  it('the sweep above finds what is planted', async () => {
    const [, needle] = (await forbidden()).find(([what]) => what.startsWith('secret_versions'))!;
    await withSuperuser(api, (pool) =>
      pool.query('UPDATE provider_keys SET last_test_message = $2 WHERE org_id = $1', [
        toUuid(owner.orgId),
        needle,
      ]),
    );
    expect((await exported()).text).toContain(needle);
  });

  it('#2 is the OWNER’s alone, and another organization’s answers like none', async () => {
    const admin = await joinAs(api, owner, 'ADMIN');
    expect((await admin.get(`/orgs/${owner.orgId}/export`)).status).toBe(403);
    expect((await stranger.get(`/orgs/${owner.orgId}/export`)).status).toBe(404);
  });

  /** What must not be in the owner's export, in every spelling, with what it is. */
  async function forbidden(): Promise<[string, string][]> {
    const bytes = await withSuperuser(api, async (pool) => {
      const { rows } = await pool.query<{ what: string; value: Buffer }>(`
        SELECT 'secret_versions.envelope' AS what, envelope AS value FROM secret_versions WHERE envelope IS NOT NULL
        UNION ALL SELECT 'secret_versions.wrapped_dek', wrapped_dek FROM secret_versions WHERE envelope IS NOT NULL
        UNION ALL SELECT 'secrets.fingerprint', fingerprint FROM secrets
        UNION ALL SELECT 'tokens.token_hash', token_hash FROM tokens
        UNION ALL SELECT 'invites.token_hash', token_hash FROM invites
        UNION ALL SELECT 'users.password_hash', convert_to(password_hash, 'UTF8') FROM users`);
      return rows;
    });
    const spellings = bytes.flatMap(({ what, value }): [string, string][] => [
      [`${what} in hex`, value.toString('hex')],
      [`${what} in base64`, value.toString('base64')],
      [`${what} as text`, value.toString('utf8')],
    ]);
    const plain: [string, string][] = [SECRET, ...shownOnce].map((value) => ['shown once', value]);
    const theirs: [string, string][] = [
      stranger.orgId,
      stranger.workspaceId,
      stranger.userId,
      stranger.email,
    ].map((value) => ['of another organization', value]);
    return [...spellings, ...plain, ...theirs];
  }
});
