import { Injectable } from '@nestjs/common';
import { notFound } from '#lib/contracts';
import { isId } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { Dependents } from './assignment.js';
import { AssignmentsRepository } from './assignments.repository.js';

/** What the room of the keys needs to know of their use, inside its own transactions. */
@Injectable()
export class AssignmentsPort {
  constructor(private readonly repository: AssignmentsRepository) {}

  /** In how many workspaces each of these keys is, by id; a key in none is left out. */
  workspaceCounts(tx: TenantTx, orgId: string, keyIds: string[]): Promise<Map<string, number>> {
    return this.repository.workspaceCounts(tx, orgId, keyIds);
  }

  /** The keys of a workspace. Throws the one not_found for a foreign, unknown or malformed id. */
  async keysOf(tx: TenantTx, orgId: string, workspaceId: string): Promise<string[]> {
    const there = isId('ws', workspaceId) && (await this.repository.workspaceExists(tx, orgId, workspaceId));
    if (!there) throw notFound();
    return this.repository.keysOf(tx, orgId, workspaceId);
  }

  dependents(tx: TenantTx, orgId: string, keyId: string): Promise<Dependents> {
    return this.repository.dependents(tx, orgId, keyId);
  }

  /** Takes a key out of every workspace. The caller holds a lock on its row. */
  removeKey(tx: TenantTx, orgId: string, keyId: string): Promise<void> {
    return this.repository.removeKey(tx, orgId, keyId);
  }
}
