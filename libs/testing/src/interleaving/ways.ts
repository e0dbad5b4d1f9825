import { Prisma } from '#prisma-client';
import { PgPool, TenantDb, withTenantPg } from '#lib/persistence';
import type { TestDatabase } from '../database/test-database.js';
import { readableBy } from './tenant-rows.js';

export const ROLES = ['api', 'engine', 'worker'] as const;
export type Role = (typeof ROLES)[number];

/** Rows of one organization. */
export interface Seen {
  org: string;
  rows: number;
}

/** What a transaction does, whichever process it is of. None of the statements has a filter. */
export interface Statements {
  run(sql: string): Promise<unknown>;
  /** The rows of every table that the process may read, by organization. */
  look(): Promise<Seen[]>;
  /** Some of them once more, in the way of the process' own client. */
  lookAgain(): Promise<Seen[]>;
  /** Changes every row of a table that the process may change. Answers the organization of each. */
  update(): Promise<string[]>;
}

/** A process' own way to tenants' rows: its role, its client, a pool of two connections. */
export interface Way {
  role: Role;
  tables: number;
  inOrg(orgId: string, work: (tx: Statements) => Promise<void>): Promise<void>;
  /** What a connection of the pool shows outside any organization; `orgId` is whose transaction it served last, where it has to be one's. */
  lookOutside(orgId: string): Promise<Seen[]>;
  close(): Promise<void>;
}

const POOL = 2;

export async function waysOf(database: TestDatabase, superuser: PgPool, tables: string[]): Promise<Way[]> {
  const readable = (role: Role) => readableBy(superuser, `claviger_${role}`, tables);
  const runs = 'UPDATE agent_runs SET workflow_id = NULL RETURNING org_id::text AS org';
  const versions = 'UPDATE secret_versions SET state = state RETURNING org_id::text AS org';
  return [
    throughOrm(database.apiUrl, await readable('api')),
    throughPlainSql('engine', database.engineUrl, await readable('engine'), runs),
    throughPlainSql('worker', database.workerUrl, await readable('worker'), versions),
  ];
}

/** The control plane's: the ORM. */
function throughOrm(databaseUrl: string, tables: string[]): Way {
  const db = new TenantDb({ databaseUrl, max: POOL });
  const everything = Prisma.raw(lookAt(tables));
  return {
    role: 'api',
    tables: tables.length,
    inOrg: (orgId, work) =>
      db.withOrg(orgId, (tx) =>
        work({
          run: (sql) => tx.$queryRaw(Prisma.raw(sql)),
          look: () => tx.$queryRaw<Seen[]>(everything),
          lookAgain: async () => {
            const secrets = await tx.secret.findMany({ select: { orgId: true } });
            return secrets.map((row) => ({ org: row.orgId, rows: 1 }));
          },
          update: async () => {
            const change = { data: { name: orgId }, select: { orgId: true } };
            return (await tx.workspace.updateManyAndReturn(change)).map((row) => row.orgId);
          },
        }),
      ),
    lookOutside: (orgId) =>
      // The ORM hands out no connection without an organization: its transaction is ended under it, and another begun.
      db.withOrg(orgId, async (tx) => {
        await tx.$executeRaw`COMMIT`;
        const seen = await tx.$queryRaw<Seen[]>(everything);
        await tx.$executeRaw`BEGIN`;
        return seen;
      }),
    close: () => db.close(),
  };
}

/** That of a process without an ORM. */
function throughPlainSql(role: Role, databaseUrl: string, tables: string[], update: string): Way {
  const pool = new PgPool({ databaseUrl, max: POOL });
  const everything = lookAt(tables);
  return {
    role,
    tables: tables.length,
    inOrg: (orgId, work) =>
      withTenantPg(pool, orgId, (tx) => {
        const look = async () => (await tx.query<Seen>(everything)).rows;
        return work({
          run: (sql) => tx.query(sql),
          look,
          lookAgain: look,
          update: async () => (await tx.query<{ org: string }>(update)).rows.map(({ org }) => org),
        });
      }),
    lookOutside: async () => (await pool.query<Seen>(everything)).rows,
    close: () => pool.close(),
  };
}

/** Reads every table, without a filter of any kind. */
function lookAt(tables: string[]): string {
  return tables
    .map((name) => `SELECT org_id::text AS org, count(*)::int AS rows FROM ${name} GROUP BY 1`)
    .join(' UNION ALL ');
}
