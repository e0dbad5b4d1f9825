import type { PgClient } from '../pg/pg-pool.js';

/** What the database remembers about the installation that it belongs to, in `platform_settings`. */
export interface InstallationSettings {
  /** CLAVIGER_DEPLOYMENT, which every sealed secret is bound to. */
  deployment?: string;
  /** Tells the pepper for duplicates from another one without telling the pepper. */
  pepperCheck?: string;
  /** The last step that took something away from the schema: who does not know `needs` can't work with it. */
  contract?: { needs: string; release: string };
}

const KEYS = ['deployment', 'pepperCheck', 'contract'] as const;

/** Reads what is remembered; for every role. */
export async function readInstallation(pg: PgClient): Promise<InstallationSettings> {
  const { rows } = await pg.query<{ settings: InstallationSettings | null }>(
    `SELECT jsonb_object_agg(substr(key, 14), value) AS settings FROM platform_settings WHERE key = ANY($1)`,
    [KEYS.map(keyOf)],
  );
  return rows[0]?.settings ?? {};
}

/** Remembers a fact that is not known yet; for the owner's login. What is there stays. */
export async function rememberOnce(
  pg: PgClient,
  fact: 'deployment' | 'pepperCheck',
  value: string,
): Promise<void> {
  await pg.query(
    'INSERT INTO platform_settings (key, value) VALUES ($1, to_jsonb($2::text)) ON CONFLICT (key) DO NOTHING',
    [keyOf(fact), value],
  );
}

/** Remembers the last contract step; for the migrator, in that step's transaction. */
export const REMEMBER_CONTRACT = `
  INSERT INTO platform_settings (key, value) VALUES ('${keyOf('contract')}', $1::jsonb)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = clock_timestamp()`;

function keyOf(fact: (typeof KEYS)[number]): string {
  return `installation.${fact}`;
}
