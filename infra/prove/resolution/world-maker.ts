import { issueToken, newId, toUuid } from '#lib/kernel';
import { REF_PRICE, withKeyId, type RefKey, type RefWorld } from '#lib/testing';
import { addMember } from '../series/members.js';
import { Person } from '../series/people.js';
import type { ResolutionStage } from './stage.js';

/** A world of the reference model as an organization of the installation. */
export interface MadeWorld {
  workspaceId: string;
  /** What the caller presents to both planes. */
  token: string;
  /** `aip_…` by number; an id that nobody has for a number that is none. */
  keyId(number: number): string;
  secretOf(number: number): string;
}

/** Makes it over the interfaces, and behind the walls only what they can't: a past expiry, a plan, other people. */
export async function makeWorld(stage: ResolutionStage, world: RefWorld, place: string): Promise<MadeWorld> {
  const { api, db, operator } = stage;
  const owner = await Person.signUp(api.url, `${place}@resolution.test`);
  const { id: workspaceId } = await owner.make('/workspaces', { name: 'Production' });
  const secretOf = (number: number) => `sk-canary-${place}-${number}-0123456789abcdef`;
  const keyIds: string[] = [];
  for (const key of world.keys)
    keyIds.push(await makeKey(stage, owner, key, `${place}/k${key.number}`, secretOf(key.number)));
  const assignments = world.keys.flatMap(({ number, assigned }) => {
    if (!assigned) return [];
    const { defaultModel, ...rest } = assigned;
    return [{ aiProviderId: keyIds[number], ...rest, ...(defaultModel !== null && { defaultModel }) }];
  });
  await owner.ok('PUT', `/workspaces/${workspaceId}/ai-providers`, { assignments });
  for (const slug of world.orgOff) await owner.ok('PUT', `/providers/${slug}`, { enabled: false });
  if (world.defaultVendor !== null)
    await owner.ok('PATCH', `/workspaces/${workspaceId}`, { defaultProvider: world.defaultVendor });
  // An alias is saved with keys that are there, and keeps the name of one that goes.
  const { id: nobodys } = await owner.make('/ai-providers', {
    name: 'gone',
    provider: 'openai',
    secret: secretOf(9),
  });
  const keyId = (number: number): string => keyIds[number] ?? nobodys;
  const aliases = world.aliases.map(({ name, ofWorkspace, models }) => ({
    ...{ name, models: models.map((model) => withKeyId(model, keyId)) },
    ...(ofWorkspace && { workspaceId }),
  }));
  if (aliases.length > 0) await owner.ok('PUT', '/model-aliases', { aliases });
  await owner.ok('DELETE', `/ai-providers/${nobodys}`);
  const { token, tokenId } = await makeCaller(stage, owner, world, workspaceId);
  for (const [index, { scope, severity, rules }] of world.policies.entries()) {
    const ids = { organization: {}, workspace: { id: workspaceId }, token: { id: tokenId } };
    const body = { name: `Policy ${index}`, severity, rules, scope: { type: scope, ...ids[scope] } };
    await owner.make('/policies', body);
  }
  await makePlan(stage, owner.orgId, world, place);
  await makeCounted(stage, owner, world, keyId);
  if (world.caller.revoked) await owner.ok('DELETE', `/tokens/${tokenId}`);
  if (world.stopped === 'owners')
    await owner.ok('PUT', '/orgs/current/kill-switch', { enabled: true, reason: 'x' });
  if (world.stopped === 'operator')
    await operator.ok('PUT', `/platform/orgs/${owner.orgId}/kill-switch`, { enabled: true, reason: 'x' });
  if (world.caller.expired)
    await db.query(`UPDATE tokens SET expires_at = now() - interval '1 hour' WHERE id = $1`, [
      toUuid(tokenId),
    ]);
  return { workspaceId, token, secretOf, keyId };
}

async function makeKey(
  { db, vendor }: ResolutionStage,
  owner: Person,
  key: RefKey,
  place: string,
  secret: string,
): Promise<string> {
  const { id } = await owner.make('/ai-providers', {
    ...{
      name: `key ${key.number}`,
      provider: key.vendor,
      baseUrl: vendor.baseUrl(place),
      models: key.models,
    },
    ...(key.hasSecret && { secret }),
    ...(key.defaultModel !== null && { defaultModel: key.defaultModel }),
  });
  if (!key.enabled) await owner.ok('PATCH', `/ai-providers/${id}`, { enabled: false });
  if (key.expired)
    await db.query(`UPDATE provider_keys SET expires_at = now() - interval '1 hour' WHERE id = $1`, [
      toUuid(id),
    ]);
  return id;
}

/** Somebody who joined after the OWNER, with an engine token. */
async function makeCaller(
  { db, api }: ResolutionStage,
  owner: Person,
  { caller }: RefWorld,
  workspaceId: string,
): Promise<{ token: string; tokenId: string }> {
  const { memberId } = await addMember(db, api.url, owner.orgId, caller.role);
  const org = toUuid(owner.orgId);
  if (caller.role === 'MEMBER')
    await db.query(
      'INSERT INTO workspace_grants (org_id, workspace_id, member_id, can_execute) VALUES ($1, $2, $3, $4)',
      [org, toUuid(workspaceId), toUuid(memberId), caller.mayExecute],
    );
  const tokenId = newId('tok');
  const { token, prefix, hash } = issueToken('engine', tokenId);
  const { rows } = await db.query<{ id: string }>(
    'SELECT id FROM workspaces WHERE org_id = $1 AND id <> $2',
    [org, toUuid(workspaceId)],
  );
  const walls = { none: null, here: toUuid(workspaceId), elsewhere: rows[0]?.id ?? null };
  await db.query(
    `INSERT INTO tokens (org_id, id, name, kind, workspace_id, owner_member_id, prefix, token_hash)
     VALUES ($1, $2, 'flows', 'engine', $3, $4, $5, $6)`,
    [org, toUuid(tokenId), walls[caller.wall], toUuid(memberId), prefix, hash],
  );
  if (caller.membership === 'none') await db.query(`DELETE FROM members WHERE id = $1`, [toUuid(memberId)]);
  return { tokenId, token: caller.known ? token : issueToken('engine', newId('tok')).token };
}

/** What exceeds a plan is what came last, so the limits say how much is left. */
async function makePlan(
  { db }: ResolutionStage,
  orgId: string,
  world: RefWorld,
  place: string,
): Promise<void> {
  const { keys, workspaceReadOnly, caller, planModels, executions } = world;
  const limits = {
    keys: keys.some(({ readOnly }) => readOnly) ? keys.filter(({ readOnly }) => !readOnly).length : null,
    workspaces: workspaceReadOnly ? 1 : null,
    members: caller.beyondPlan ? 0 : null,
    models: planModels,
    executionsPerMonth: executions.max,
  };
  await db.query('INSERT INTO plans (slug, limits) VALUES ($1, $2)', [place, JSON.stringify(limits)]);
  await db.query('UPDATE orgs SET plan = $1 WHERE org_id = $2', [place, toUuid(orgId)]);
}

/** Quotas over the interface, what is used of them and prices behind it: a price of one's own is from now on, never from before. */
async function makeCounted(
  { db }: ResolutionStage,
  owner: Person,
  { quotas, ownPrices, executions }: RefWorld,
  keyId: (number: number) => string,
): Promise<void> {
  const org = toUuid(owner.orgId);
  for (const [index, { key, metric, enforced, used, max }] of quotas.entries()) {
    const { id } = await owner.make('/quotas', {
      ...{ name: `Quota ${index}`, metric, max, window: 'month', mode: enforced ? 'enforce' : 'monitor' },
      scope: key === null ? { type: 'organization' } : { type: 'key', id: keyId(key) },
    });
    await db.query(
      `INSERT INTO quota_counters AS c (org_id, quota_id, window_start, settled) VALUES ($1, $2, date_trunc('month', now(), 'UTC'), $3)
       ON CONFLICT (org_id, quota_id, window_start) DO UPDATE SET settled = excluded.settled`,
      [org, toUuid(id), used],
    );
  }
  for (const full of ownPrices)
    await db.query(
      `INSERT INTO price_overrides (org_id, id, provider, model, input_micro_usd_per_mtok, output_micro_usd_per_mtok, effective_from)
       VALUES ($1, gen_random_uuid(), $2, $3, $4, $5, now() - interval '1 second')`,
      [
        ...[org, full.slice(0, full.indexOf('/')), full.slice(full.indexOf('/') + 1)],
        ...[REF_PRICE.inputMicroUsdPerMTok, REF_PRICE.outputMicroUsdPerMTok],
      ],
    );
  await db.query(
    `INSERT INTO plan_counters (org_id, resource, used) VALUES ($1, 'executions:' || to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM'), $2)
     ON CONFLICT (org_id, resource) DO UPDATE SET used = excluded.used`,
    [org, executions.used],
  );
}
