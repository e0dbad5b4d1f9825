import type { SecretIdentity } from '#lib/custody';
import type { Sealer } from '#lib/custody/sealer';
import { newId, sha256, toUuid } from '#lib/kernel';
import type { SealedStore } from '#lib/testing';
import type { Installation } from '../series/installation.js';
import { Person } from '../series/people.js';

/** A provider key that its own workspace may use, and who calls there. */
export interface AssignedKey {
  identity: SecretIdentity;
  workspaceId: string;
  headers: Record<string, string>;
}

/**
 * The key of a secret as its vendor knows it: each is another one, which nobody can tell from the secret's name. Of digits
 * alone: the fake vendor takes no key in which `bad` occurs.
 */
export function keyOf({ secretId }: Pick<SecretIdentity, 'secretId'>): string {
  return `sk-rewrap-${BigInt(`0x${sha256('key of ', secretId).toString('hex')}`)}`;
}

/** As the engine finds it when it has opened the envelope. */
export function sealedText(identity: SecretIdentity): string {
  return JSON.stringify({ secret: keyOf(identity) });
}

/**
 * Organizations that signed up, each with so many provider keys, and for each key a workspace that has it alone. The sealing is
 * the product's; only the rows are written behind the walls, which spares ten thousand requests.
 */
export async function makeTenants(
  scene: Installation,
  store: SealedStore,
  sealer: Sealer,
  { orgs, each }: { orgs: number; each: number },
): Promise<AssignedKey[]> {
  const keys: AssignedKey[] = [];
  for (let at = 0; at < orgs; at += 1) {
    const owner = await Person.signUp(scene.api.url, `rewrap-${at}@prove.test`);
    const { token } = await owner.make('/tokens', { name: 'load', kind: 'engine' });
    const identities = await store.addTo(owner.orgId, sealer, each);
    const workspaces = identities.map(() => newId('ws'));
    await assign(scene, owner.orgId, identities, workspaces);
    const headers = { authorization: `Bearer ${token}` };
    keys.push(
      ...identities.map((identity, nth) => ({ identity, workspaceId: workspaces[nth] ?? '', headers })),
    );
  }
  return keys;
}

async function assign(
  { db, upstream }: Installation,
  orgId: string,
  identities: readonly SecretIdentity[],
  workspaceIds: readonly string[],
): Promise<void> {
  const workspaces = workspaceIds.map(toUuid);
  const secrets = identities.map(({ secretId }) => toUuid(secretId));
  const keys = identities.map(() => toUuid(newId('aip')));
  await db.query(
    `INSERT INTO workspaces (org_id, id, slug, name) SELECT $1, id, 'ws-' || id, 'Production' FROM unnest($2::uuid[]) AS id`,
    [toUuid(orgId), workspaces],
  );
  await db.query(
    `INSERT INTO provider_keys (org_id, id, name, provider, secret_id, base_url)
     SELECT $1, r.id, r.id::text, 'openai', r.secret, $2 FROM unnest($3::uuid[], $4::uuid[]) AS r (id, secret)`,
    [toUuid(orgId), upstream.baseUrls.openai, keys, secrets],
  );
  await db.query(
    `INSERT INTO assignments (org_id, workspace_id, provider_key_id)
     SELECT $1, r.workspace, r.key FROM unnest($2::uuid[], $3::uuid[]) AS r (workspace, key)`,
    [toUuid(orgId), workspaces, keys],
  );
}
