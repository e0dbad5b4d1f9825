import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const MODEL = 'gpt-4.1-mini';
const OTHERS = 'https://api.elsewhere.test:443';
/** Of the version of our key, whose row is `v`; `o` is the row that somebody with the database exchanges it with. */
const CHANGES: [string, string][] = [
  ['one byte of the envelope’s head', 'envelope = set_byte(v.envelope, 20, get_byte(v.envelope, 20) # 1)'],
  ['one byte of its ciphertext', 'envelope = set_byte(v.envelope, 90, get_byte(v.envelope, 90) # 128)'],
  ['a tag of 4 bytes', 'envelope = substring(v.envelope FROM 1 FOR length(v.envelope) - 12)'],
  ['a tag of 15 bytes', 'envelope = substring(v.envelope FROM 1 FOR length(v.envelope) - 1)'],
  [
    'one byte of the wrapped data key',
    'wrapped_dek = set_byte(v.wrapped_dek, 40, get_byte(v.wrapped_dek, 40) # 4)',
  ],
  ['the other’s envelope', 'envelope = o.envelope'],
  ['the other’s data key', 'wrapped_dek = o.wrapped_dek'],
  ['the other’s envelope and data key', 'envelope = o.envelope, wrapped_dek = o.wrapped_dek'],
  ['the other’s ciphertext', 'envelope = substring(v.envelope FOR 82) || substring(o.envelope FROM 83)'],
  ['another version number', 'version = 2'],
  ['another format number', 'format = 2'],
];

let stage: Stage;
let ours: Tenant;
let theirs: Tenant;
let attempts = 0;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(async () => {
  console.log(`${attempts} calls with tampered rows: 0 keys sent`);
  await stage?.stop();
});
beforeEach(async () => {
  stage.upstream.reset();
  ours = await stage.tenants.create();
  theirs = await stage.tenants.create();
});

const keyOf = (tenant: Tenant, name: string) =>
  stage.tenants.key(tenant, {
    provider: 'openai',
    secret: `sk-${name}-0123456789abcdef`,
    baseUrl: stage.upstream.baseUrls.openai,
  });

/** The secret of a key, as UUID. */
async function secretOf(keyId: string): Promise<string> {
  const { rows } = await stage.db.query<{ id: string }>(
    'SELECT secret_id AS id FROM provider_keys WHERE id = $1',
    [toUuid(keyId)],
  );
  return rows[0]?.id ?? '';
}

/** A call must fail, name nothing of what it found, and send nothing. */
async function expectRefused(): Promise<void> {
  attempts += 1;
  const { status, body } = await run(stage, ours, { model: MODEL, prompt: 'Hi.' });
  expect([status, body.code]).toEqual([500, 'internal']);
  expect(JSON.stringify(body)).not.toMatch(/sk-|CLVE/);
  expect(stage.upstream.requests).toEqual([]);
}

describe.each(['of another organization', 'of the same organization'])(
  '#32 a stored key that was exchanged with one %s',
  (whose) => {
    it.each(CHANGES)('is refused: %s', async (_what, change) => {
      const mine = await secretOf(await keyOf(ours, 'ours'));
      const other = await secretOf(await keyOf(whose === 'of another organization' ? theirs : ours, 'other'));
      await stage.db.query(
        'UPDATE assignments SET active = false WHERE provider_key_id NOT IN (SELECT id FROM provider_keys WHERE secret_id = $1)',
        [mine],
      );
      if (change.startsWith('version'))
        await stage.db.query('UPDATE secrets SET current_version = 2 WHERE id = $1', [mine]);
      const { rowCount } = await stage.db.query(
        `UPDATE secret_versions v SET ${change} FROM secret_versions o WHERE v.secret_id = $1 AND o.secret_id = $2`,
        [mine, other],
      );
      expect(rowCount).toBe(1);
      await expectRefused();
    });
  },
);

describe('#32 a stored key', () => {
  it('is refused for places that it was not sealed for, though its row names them', async () => {
    const mine = await secretOf(await keyOf(ours, 'ours'));
    await stage.db.query('UPDATE secret_versions SET origins = origins || $2::text WHERE secret_id = $1', [
      mine,
      OTHERS,
    ]);
    await expectRefused();
  });

  it('is refused when another key of the organization is pointed at it, with another secret’s row in between', async () => {
    const mine = await secretOf(await keyOf(ours, 'ours'));
    const foreign = await secretOf(await keyOf(theirs, 'theirs'));
    // As far as the constraints let go: the row itself is moved under our organization and secret.
    await stage.db.query('DELETE FROM secret_versions WHERE secret_id = $1', [mine]);
    await stage.db.query('UPDATE secret_versions SET org_id = $1, secret_id = $2 WHERE secret_id = $3', [
      toUuid(ours.orgId),
      mine,
      foreign,
    ]);
    await expectRefused();
  });

  it('is refused under another purpose', async () => {
    const mine = await secretOf(await keyOf(ours, 'ours'));
    await stage.db.query(`UPDATE secrets SET purpose = 'webhook' WHERE id = $1`, [mine]);
    const { status } = await run(stage, ours, { model: MODEL, prompt: 'Hi.' });
    attempts += 1;
    expect([status >= 400, stage.upstream.requests]).toEqual([true, []]);
  });

  it('control: left alone, it is sent', async () => {
    await keyOf(ours, 'ours');
    expect((await run(stage, ours, { model: MODEL, prompt: 'Hi.' })).status).toBe(200);
    expect(stage.upstream.requests).toHaveLength(1);
  });
});
