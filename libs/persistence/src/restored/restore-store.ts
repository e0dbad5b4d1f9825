import { Injectable } from '@nestjs/common';
import { sqlFailure } from '../errors/sql-state.js';
import { PgPool } from '../pg/pg-pool.js';
import type { RestoreFactsOfDatabase } from './judge.js';

const UNDEFINED_FUNCTION = '42883';
/** For the owner's login: a backup of before migration 0019 is acknowledged before a migrator has seen it. */
const OLDER_SCHEMA = `
  WITH e AS (SELECT epoch, acknowledges, floor(extract(epoch FROM at) * 1000)::bigint AS ms FROM audit_epochs)
  SELECT jsonb_build_object(
    'newest', (SELECT jsonb_build_object('epoch', epoch, 'atMs', ms) FROM e ORDER BY epoch DESC LIMIT 1),
    'seen', (SELECT jsonb_object_agg(epoch, ms) FROM e WHERE epoch = ANY($1::bigint[])),
    'acknowledged', (SELECT max(acknowledges) FROM e)) AS facts`;

/** What the database itself knows of its being an old copy, for every process role. */
@Injectable()
export class RestoreStore {
  constructor(private readonly pool: PgPool) {}

  /** With the times of the epochs that were `seen` elsewhere, as far as they are here. */
  async facts(seen: readonly number[]): Promise<RestoreFactsOfDatabase> {
    const { newest, seen: times, acknowledged, noticed } = await this.#read(seen);
    return {
      newest: newest ?? null,
      seen: times ?? {},
      acknowledged: acknowledged ?? null,
      noticed: noticed ?? {},
    };
  }

  async #read(seen: readonly number[]): Promise<Partial<RestoreFactsOfDatabase>> {
    const read = async (sql: string) => {
      const { rows } = await this.pool.query<{ facts: Partial<RestoreFactsOfDatabase> }>(sql, [[...seen]]);
      return rows[0]?.facts ?? {};
    };
    try {
      return await read('SELECT lookup.restore_facts($1::bigint[]) AS facts');
    } catch (error) {
      if (sqlFailure(error)?.state !== UNDEFINED_FUNCTION) throw error;
      return read(OLDER_SCHEMA);
    }
  }

  /** Tells the other processes what this one noticed. Roles: engine, worker, owner. */
  async note(cause: 'old_copy' | 'no_checkpoints', outside: number): Promise<void> {
    await this.pool.query('SELECT lookup.note_restore($1, $2)', [cause, outside]);
  }
}
