import type { AuthorisedState, StateKey } from '#lib/contracts';
import { toUuid, type Clock } from '#lib/kernel';
import { mapDatabaseError } from '../errors/map-database-error.js';
import type { PgPool } from '../pg/pg-pool.js';
import { isStandby } from '../pg/primary.js';
import { withTenantPg } from '../pg/tenant-pg.js';
import { stateOf, type StateJson } from './state-json.js';

/**
 * Reads what authorises a call, from the primary, in one query (CUSTODY §4). The engine asks by what the caller
 * presented; the control plane asks for a workspace of the organization it already works for, and gets no sealed
 * material.
 */
export class AuthorisedStateReader {
  constructor(
    private readonly pool: PgPool,
    private readonly clock: Clock,
  ) {}

  /**
   * One state for each key, in their order. A principal that is not there has `principal: null`.
   * Role: engine only. @throws ClavigerError `overloaded` when the database does not answer.
   */
  async read(keys: StateKey[]): Promise<AuthorisedState[]> {
    if (keys.length === 0) return [];
    const stampMs = this.clock.monotonicMs(); // before the query is sent: the state cannot be older than this
    try {
      // Asked with each answer: behind a connection pooler another server may answer than the one that was connected to.
      const { rows } = await this.pool.query<{ state: StateJson; standby: boolean }>(
        'SELECT state, pg_is_in_recovery() AS standby FROM lookup.authorised_state($1::jsonb) ORDER BY ord',
        [JSON.stringify(keys.map(keyJson))],
      );
      if (rows.some(({ standby }) => standby)) throw isStandby();
      return rows.map((row) => stateOf(row.state, stampMs));
    } catch (error) {
      throw mapDatabaseError(error);
    }
  }

  /**
   * What a member sees of a workspace: the same state, without sealed material, with the member as the principal. `tokenId`: the
   * token that they came with, whose policies count.
   */
  async readWorkspace(
    orgId: string,
    userId: string,
    workspaceId: string,
    tokenId?: string,
  ): Promise<AuthorisedState> {
    const stampMs = this.clock.monotonicMs();
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rows } = await tx.query<{ state: StateJson }>(
        'SELECT lookup.workspace_state($1, $2, $3) AS state',
        [toUuid(userId), toUuid(workspaceId), tokenId === undefined ? null : toUuid(tokenId)],
      );
      return stateOf(rows[0]!.state, stampMs);
    });
  }
}

function keyJson(key: StateKey): object {
  const { principal } = key;
  if ('ticket' in principal) {
    const { orgId, userId, aiProviderId, secretVersion: version } = principal.ticket;
    return { ticket: { org: toUuid(orgId), user: toUuid(userId), key: toUuid(aiProviderId), version } };
  }
  const workspace = key.workspaceId === null ? null : toUuid(key.workspaceId);
  return 'tokenHash' in principal
    ? { token: principal.tokenHash.toString('hex'), workspace }
    : { session: principal.sessionHash.toString('hex'), workspace };
}
