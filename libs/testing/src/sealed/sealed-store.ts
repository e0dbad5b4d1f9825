import type { SealedSecret, SecretIdentity } from '#lib/custody';
import type { Opener } from '#lib/custody/opener';
import type { Sealer } from '#lib/custody/sealer';
import { newId, SecretBytes, toUuid } from '#lib/kernel';
import { PgPool } from '#lib/persistence';

const ORIGINS = ['https://api.vendor.test:443'];
const AT_ONCE = 16;
const CHUNK = 500;

export interface SealedStoreOptions {
  /** Where the secrets may be sent. */
  origins?: string[];
  /** What is sealed for each. */
  textOf?: (identity: SecretIdentity) => string;
}

/** Really sealed secrets in a test's database, written and read behind all walls: for arranging and for counting. */
export class SealedStore {
  readonly #pool: PgPool;

  readonly #origins: string[];
  readonly #textOf: (identity: SecretIdentity) => string;

  constructor(superuserUrl: string, { origins = ORIGINS, textOf = secretText }: SealedStoreOptions = {}) {
    this.#origins = origins;
    this.#textOf = textOf;
    this.#pool = new PgPool({ databaseUrl: superuserUrl, max: 4, name: 'sealed-store' });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** Makes organizations with `perOrg` secrets each. */
  async add(sealer: Sealer, orgs: number, perOrg: number): Promise<SecretIdentity[]> {
    const made: SecretIdentity[] = [];
    for (let org = 0; org < orgs; org += 1) {
      const orgId = newId('org');
      await this.#pool.query(`INSERT INTO orgs (org_id, slug, name, plan) VALUES ($1, $2, 'Acme', 'free')`, [
        toUuid(orgId),
        orgId,
      ]);
      made.push(...(await this.addTo(orgId, sealer, perOrg)));
    }
    return made;
  }

  /** Adds so many secrets to an organization that is there. */
  async addTo(orgId: string, sealer: Sealer, count: number): Promise<SecretIdentity[]> {
    const made: SecretIdentity[] = [];
    for (let from = 0; from < count; from += CHUNK) {
      const some = Array.from({ length: Math.min(CHUNK, count - from) }, () => this.#identityIn(orgId));
      await this.#insert(orgId, await inLanes(some, (identity) => this.#sealOne(sealer, identity)));
      made.push(...some);
    }
    return made;
  }

  async row({ orgId, secretId, version }: SecretIdentity): Promise<SealedSecret> {
    const { rows } = await this.#pool.query<SealedSecret>(
      `SELECT format, kms_ref AS "kmsRef", wrapped_dek AS "wrappedDek", envelope
       FROM secret_versions WHERE org_id = $1 AND secret_id = $2 AND version = $3`,
      [toUuid(orgId), toUuid(secretId), version],
    );
    return rows[0]!;
  }

  /** Whether the secret opens as it is stored now, to the very text that was sealed. */
  async opens(opener: Opener, identity: SecretIdentity): Promise<boolean> {
    const row = await this.row(identity);
    return opener.open(identity, row).then(
      (secret) => secret.useOnce((bytes) => bytes.toString() === this.#textOf(identity)),
      () => false,
    );
  }

  /** How many of them do not open. */
  async unreadable(opener: Opener, identities: readonly SecretIdentity[]): Promise<number> {
    const results = await inLanes(identities, (identity) => this.opens(opener, identity));
    return results.filter((opened) => !opened).length;
  }

  /** Puts another wrapping of the same secret in place of its present one. */
  async rewrap({ orgId, secretId, version }: SecretIdentity, sealed: SealedSecret): Promise<void> {
    await this.#pool.query(
      'UPDATE secret_versions SET kms_ref = $4, wrapped_dek = $5 WHERE org_id = $1 AND secret_id = $2 AND version = $3',
      [toUuid(orgId), toUuid(secretId), version, sealed.kmsRef, sealed.wrappedDek],
    );
  }

  /** How many versions each master key holds. */
  async byRef(): Promise<Record<string, number>> {
    const { rows } = await this.#pool.query<{ ref: string; n: number }>(
      'SELECT kms_ref AS ref, count(*)::int AS n FROM secret_versions GROUP BY 1 ORDER BY 1',
    );
    return Object.fromEntries(rows.map(({ ref, n }) => [ref, n]));
  }

  async #insert(orgId: string, rows: { identity: SecretIdentity; sealed: SealedSecret }[]): Promise<void> {
    const ids = rows.map(({ identity }) => toUuid(identity.secretId));
    await this.#pool.query(
      `INSERT INTO secrets (org_id, id, name, purpose, origins, mask, current_version)
       SELECT $1, id, 'main', 'call', $2, '', 1 FROM unnest($3::uuid[]) AS id`,
      [toUuid(orgId), this.#origins, ids],
    );
    await this.#pool.query(
      `INSERT INTO secret_versions (org_id, secret_id, version, format, kms_ref, origins, wrapped_dek, envelope, state)
       SELECT $1, r.id, 1, 1, r.ref, $2, r.dek, r.envelope, 'active'
       FROM unnest($3::uuid[], $4::text[], $5::bytea[], $6::bytea[]) AS r (id, ref, dek, envelope)`,
      [
        ...[toUuid(orgId), this.#origins, ids, rows.map(({ sealed }) => sealed.kmsRef)],
        ...[rows.map(({ sealed }) => sealed.wrappedDek), rows.map(({ sealed }) => sealed.envelope)],
      ],
    );
  }

  #identityIn(orgId: string): SecretIdentity {
    return { orgId, secretId: newId('sec'), version: 1, purpose: 'call', origins: this.#origins };
  }

  async #sealOne(sealer: Sealer, identity: SecretIdentity) {
    return { identity, sealed: await sealer.seal(identity, SecretBytes.fromText(this.#textOf(identity))) };
  }
}

function secretText({ secretId }: SecretIdentity): string {
  return `text of ${secretId}`;
}

/** Runs `work` over all items, a few at a time, and answers in their order. */
async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at]!);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}
