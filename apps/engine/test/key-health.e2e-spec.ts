import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { Meter } from '../src/metering/meter.js';
import { run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };
const SECRET = 'sk-health-0123456789abcdef';

let stage: Stage;
let tenant: Tenant;
let keyId: string;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
  const baseUrl = stage.upstream.baseUrls.openai;
  keyId = await stage.tenants.key(tenant, { provider: 'openai', secret: SECRET, baseUrl });
});

type Row = Record<string, unknown>;
const rows = async (text: string) => (await stage.db.query<Row>(text, [toUuid(tenant.orgId)])).rows;
/** Runs once against this upstream, and has what it said written. */
async function ends(answer: object): Promise<number> {
  stage.upstream.script(answer);
  const { status } = await run(stage, tenant, AGENT);
  await stage.app.get(Meter).flush();
  return status;
}
const REFUSED = { status: 401, message: 'Incorrect API key provided', echoKey: 'raw' as const };
const key = async () =>
  (await rows('SELECT refused_in_a_row AS refused, last_ok_at FROM provider_keys WHERE org_id = $1'))[0]!;
const history = () =>
  rows(`SELECT source, outcome, code, message, run_id IS NOT NULL AS has_run, refused_in_a_row AS refused
        FROM provider_key_health WHERE org_id = $1 ORDER BY at, id`);
const notices = () => rows(`SELECT kind, level FROM notices WHERE org_id = $1 ORDER BY created_at`);

describe('#20 health of a key, from its calls', () => {
  it('three refusals in a row make it failing: once noticed, still used, and back by itself after a success', async () => {
    for (let n = 0; n < 2; n += 1) expect(await ends(REFUSED)).toBe(502);
    expect([(await key())['refused'], await notices()]).toEqual([2, []]);
    for (let n = 0; n < 2; n += 1) await ends({ ...REFUSED, status: 403 });
    expect((await key())['refused']).toBe(4);
    expect(await notices()).toEqual([{ kind: 'aiProvider.failing', level: 'warning' }]);
    const audit = await rows(
      `SELECT actor, change FROM audit_events WHERE org_id = $1 AND action = 'notices:CreateNotice'`,
    );
    expect(audit).toEqual([{ actor: 'system', change: { kind: 'aiProvider.failing' } }]);
    expect(await ends({ text: 'Hello.' })).toBe(200);
    expect(await key()).toEqual({ refused: 0, last_ok_at: expect.any(Date) });
    await ends({ text: 'Hello.' });
    const seen = await history();
    expect(seen.map(({ outcome, refused, has_run }) => [outcome, refused, has_run])).toEqual([
      ['refused', 1, true],
      ['refused', 2, true],
      ['refused', 3, true],
      ['refused', 4, true],
      ['ok', 0, true],
    ]);
    expect(seen[0]).toMatchObject({ source: 'run', code: 'upstream_auth_failed' });
    expect(seen[0]!['message']).toMatch(/refused the key \(401\): Incorrect API key provided/);
    expect(JSON.stringify(seen)).not.toContain(SECRET);
  });

  it('other failures neither count nor interrupt a row, and keep nothing of what the upstream said', async () => {
    await ends(REFUSED);
    await ends(REFUSED);
    expect(await ends({ status: 500, message: 'your prompt "Hi." broke me' })).toBe(502);
    // No run waits for an hour: it is told at once.
    const slowDown = { status: 429, message: 'slow down', headers: { 'retry-after': '3600' } };
    expect(await ends(slowDown)).toBe(429);
    expect([(await key())['refused'], await notices()]).toEqual([2, []]);
    const failed = (await history()).filter(({ outcome }) => outcome === 'failed');
    expect(failed).toMatchObject([
      { code: 'upstream_error', message: null, refused: 2 },
      { code: 'rate_limited', message: null, refused: 2 },
    ]);
    await ends(REFUSED);
    expect(await notices()).toHaveLength(1);
  });

  it('failing again after a recovery is noticed again', async () => {
    for (const answer of [REFUSED, REFUSED, REFUSED, { text: 'Hello.' }, REFUSED, REFUSED, REFUSED])
      await ends(answer);
    expect(await notices()).toHaveLength(2);
  });

  it('the history is bounded, the newest being kept', async () => {
    await stage.db.query(
      `INSERT INTO provider_key_health (org_id, id, provider_key_id, at, source, outcome, refused_in_a_row)
       SELECT $1, gen_random_uuid(), $2, now() - n * interval '1 minute', 'run', 'failed', n FROM generate_series(1, 60) n`,
      [toUuid(tenant.orgId), toUuid(keyId)],
    );
    await ends(REFUSED);
    const kept = await history();
    expect(kept).toHaveLength(50);
    expect([kept[0]!['refused'], kept.at(-1)!['outcome']]).toEqual([49, 'refused']);
  });

  it('calls with a key that was deleted meanwhile keep their receipts', async () => {
    stage.upstream.script(REFUSED);
    await run(stage, tenant, AGENT);
    await stage.db.query('DELETE FROM assignments WHERE org_id = $1', [toUuid(tenant.orgId)]);
    await stage.db.query('DELETE FROM provider_keys WHERE org_id = $1', [toUuid(tenant.orgId)]);
    await stage.app.get(Meter).flush();
    expect(await rows('SELECT outcome FROM usage_records WHERE org_id = $1')).toEqual([
      { outcome: 'refused' },
    ]);
    expect(await history()).toEqual([]);
  });
});
