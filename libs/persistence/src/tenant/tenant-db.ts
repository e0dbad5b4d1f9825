import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from '#prisma-client';
import { notFound } from '#lib/contracts';
import { toUuid } from '#lib/kernel';
import { mapDatabaseError } from '../errors/map-database-error.js';
import { retrySerialization } from '../errors/retry.js';

declare const tenant: unique symbol;

/**
 * A transaction bound to one organization: row-level security shows it that organization's rows and no others.
 * Only `TenantDb.withOrg` makes one; repositories take it as their first argument.
 */
export type TenantTx = Omit<Prisma.TransactionClient, '$queryRawUnsafe' | '$executeRawUnsafe'> & {
  readonly [tenant]?: never;
};

export interface TenantDbOptions {
  databaseUrl: string;
  max?: number;
}

/** How long a transaction may wait for a connection, and how long it may last, in milliseconds. */
const TIMES = { maxWait: 30_000, timeout: 20_000 };

/** The only door to tenant rows for the control plane. */
@Injectable()
export class TenantDb implements OnApplicationShutdown {
  readonly #prisma: PrismaClient;

  constructor(options: TenantDbOptions) {
    const adapter = new PrismaPg({
      connectionString: options.databaseUrl,
      application_name: 'claviger-orm',
      max: options.max ?? 10,
      connectionTimeoutMillis: TIMES.maxWait,
    });
    this.#prisma = new PrismaClient({ adapter, errorFormat: 'minimal' });
  }

  /**
   * Runs `fn` in one transaction of the organization `orgId` (`org_…`). It may run again when it loses against
   * another transaction, so it must do nothing but database work: no network call, nothing sealed or sent.
   *
   * @throws ClavigerError `name_taken`, `conflict`, `not_found` (a reference to a row that is not there, or the
   *   organization was deleted) or `overloaded`
   */
  async withOrg<T>(orgId: string, fn: (tx: TenantTx) => Promise<T>): Promise<T> {
    return this.#inOrg(orgId, false, fn);
  }

  /** The same, while no other transaction of `withOrg` is open in the organization: for its deletion. */
  async withOrgAlone<T>(orgId: string, fn: (tx: TenantTx) => Promise<T>): Promise<T> {
    return this.#inOrg(orgId, true, fn);
  }

  async #inOrg<T>(orgId: string, alone: boolean, fn: (tx: TenantTx) => Promise<T>): Promise<T> {
    const uuid = toUuid(orgId);
    const run = () =>
      this.#prisma.$transaction(async (tx) => {
        // Waits here for a deletion under way, and finds out that it comes too late (ADR 0015).
        const [door] = await tx.$queryRaw<{ open: boolean }[]>`
          SELECT set_config('app.org_id', ${uuid}, true), lookup.enter_org(${uuid}::uuid, ${alone}) AS open`;
        if (!door?.open) throw notFound();
        return fn(tx);
      }, TIMES);
    try {
      return await retrySerialization(run);
    } catch (error) {
      throw mapDatabaseError(error);
    }
  }

  async close(): Promise<void> {
    await this.#prisma.$disconnect();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }
}
