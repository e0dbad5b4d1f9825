import { Injectable } from '@nestjs/common';
import { originOf } from '#lib/catalog';
import { EgressGuard } from '#lib/egress';
import { newId, type SecretBytes } from '#lib/kernel';
import { appendOutbox, type TenantDb, type TenantTx } from '#lib/persistence';
import { SecretSealer, SecretStore, type PreparedVersion } from '../secrets/index.js';
import type { McpServer } from './mcp-server.js';
import { blockedUrl } from './mcp-servers.errors.js';

/** Takes in what an OWNER entered of an MCP server: judges its URL, and seals its secret for the origin of that URL alone. */
@Injectable()
export class McpIntake {
  constructor(
    private readonly guard: EgressGuard,
    private readonly sealer: SecretSealer,
    private readonly store: SecretStore,
  ) {}

  /** Refuses an address that tenants may not reach. Throws egress_blocked at /url. */
  async guardUrl(orgId: string, url: string): Promise<void> {
    await this.guard.checkUrl(url, orgId).catch((error: unknown) => {
      throw blockedUrl(error);
    });
  }

  /** Whether a stored secret may go to this URL. */
  async mayGoTo(tx: TenantTx, orgId: string, secretId: string, url: string): Promise<boolean> {
    const { origins } = await this.store.get(tx, orgId, secretId);
    return origins.includes(originOf(url) ?? '');
  }

  /**
   * Seals what was entered, as the next version of the server's secret or as the first of a new one, and wipes it. Before the
   * transaction: a KMS may be asked.
   */
  async seal(
    db: TenantDb,
    orgId: string,
    { url, secret }: Pick<McpServer, 'url' | 'secret'>,
    entered: SecretBytes,
  ): Promise<PreparedVersion> {
    const version =
      secret === null ? 1 : await db.withOrg(orgId, (tx) => this.store.nextVersion(tx, orgId, secret.id));
    const origins = [originOf(url) ?? ''];
    return this.sealer.prepare({ orgId, secretId: secret?.id ?? newId('sec'), version, origins }, entered);
  }

  /** Stores it as the server's own. Answers the secret's id. Throws conflict when another version came first. */
  async keep(
    tx: TenantTx,
    prepared: PreparedVersion,
    { name, secret }: Pick<McpServer, 'name' | 'secret'>,
    createdBy: string,
  ): Promise<string> {
    if (secret) await this.store.replace(tx, prepared, { after: secret.version, createdBy });
    else await this.store.add(tx, prepared, { name, ownerKeyId: null, createdBy });
    return prepared.secretId;
  }

  /** Erases every sealed byte of it. Nothing may point at it any more. */
  async destroy(tx: TenantTx, orgId: string, secretId: string): Promise<void> {
    await this.store.destroy(tx, orgId, secretId);
    await appendOutbox(tx, { orgId, topic: 'secret.deleted', ids: { secretId } });
  }
}
