import { Prisma } from '#prisma-client';
import { newId, toUuid } from '#lib/kernel';
import { PgPool, TenantDb, withTenantPg } from '#lib/persistence';
import { makeTenant } from '../database/tenant-fixture.js';
import type { TestDatabase } from '../database/test-database.js';
import { fillTenantTables, readableBy } from './tenant-rows.js';

export interface InterleavingOptions {
  database: TestDatabase;
  transactions: number;
  /** Organizations; every one has a row in every tenant table. */
  orgs: number;
  tell?: (line: string) => void;
}

/** What was counted. */
export interface Interleaved {
  committed: number;
  /** Ended by an error of the work, by one of a statement, by a connection that was cut. */
  thrown: number;
  refused: number;
  cut: number;
  /** Rows that selects without any filter answered, and those of them that were another organization's. */
  rowsRead: number;
  crossReads: number;
  /** Rows that updates without any filter changed, beyond the organization's own. */
  crossWrites: number;
  /** Looks at all tables outside any organization, on the very connections that the transactions used, and the rows seen. */
  outsideLooks: number;
  outsideRows: number;
  /** Tenant tables, and those of them that each way may read: what no process may read is left out. */
  tables: number;
  tablesReadByOrm: number;
  tablesReadByPlainSql: number;
}

/** One statement, one row back per table and organization seen. */
interface Seen {
  name: string;
  org: string;
  rows: number;
}

const LANES = 24;
const CUT = 0.02;
type Ending = 'commit' | 'throw' | 'refuse' | 'swallow' | 'cut';

/**
 * Transactions of many organizations at once over two pools of two connections: half through the control plane's ORM, half
 * through the engine's plain SQL. A quarter of them is aborted in one of four ways.
 */
export async function interleave(options: InterleavingOptions): Promise<Interleaved> {
  const { database, transactions, tell = () => undefined } = options;
  const superuser = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
  const orm = new TenantDb({ databaseUrl: database.apiUrl, max: 2 });
  const plain = new PgPool({ databaseUrl: database.engineUrl, max: 2 });
  try {
    const orgIds: string[] = [];
    for (let n = 0; n < options.orgs; n += 1) orgIds.push((await makeTenant(database.superuserUrl)).orgId);
    const tables = await fillTenantTables(superuser, orgIds.map(toUuid));
    const byOrm = await readableBy(superuser, 'claviger_api', tables);
    const byPlain = await readableBy(superuser, 'claviger_engine', tables);
    const run = new Run(orm, plain, lookAt(byOrm), lookAt(byPlain), orgIds);
    Object.assign(run.counted, {
      tables: tables.length,
      tablesReadByOrm: byOrm.length,
      tablesReadByPlainSql: byPlain.length,
    });
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let at = next++; at < transactions; at = next++) {
        await run.one(at);
        if ((at + 1) % 2_000 === 0) tell(`${at + 1} transactions`);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return run.counted;
  } finally {
    await Promise.all([orm.close(), plain.close(), superuser.close()]);
  }
}

class Run {
  readonly counted: Interleaved = {
    committed: 0,
    thrown: 0,
    refused: 0,
    cut: 0,
    rowsRead: 0,
    crossReads: 0,
    crossWrites: 0,
    outsideLooks: 0,
    outsideRows: 0,
    tables: 0,
    tablesReadByOrm: 0,
    tablesReadByPlainSql: 0,
  };

  constructor(
    private readonly orm: TenantDb,
    private readonly plain: PgPool,
    private readonly ormLook: string,
    private readonly plainLook: string,
    private readonly orgIds: string[],
  ) {}

  /** The `at`-th transaction: which organization, way and ending follow from its number and chance. */
  async one(at: number): Promise<void> {
    const org = this.orgIds[Math.floor(Math.random() * this.orgIds.length)] ?? newId('org');
    const ending = endingOf(Math.random());
    const work = at % 2 === 0 ? this.throughOrm(org, ending) : this.throughPlainSql(org, ending);
    const ended = await work.then(
      () => 'commit' as const,
      () => ending,
    );
    if (ended === 'commit') this.counted.committed += 1;
    else if (ended === 'throw') this.counted.thrown += 1;
    else if (ended === 'cut') this.counted.cut += 1;
    else this.counted.refused += 1;
    if (at % 10 === 1) await this.lookOutside();
  }

  private throughOrm(org: string, ending: Ending): Promise<void> {
    const raw = (sql: string) => Prisma.raw(sql);
    return this.orm.withOrg(org, async (tx) => {
      this.count(org, await tx.$queryRaw<Seen[]>(raw(this.ormLook)));
      await tx.$queryRaw(raw(`SELECT 1 AS waited FROM pg_sleep(${pause()})`));
      const { count } = await tx.workspace.updateMany({ data: { name: org } });
      this.counted.crossWrites += count - 1;
      await this.abort(ending, (sql) => tx.$queryRaw(raw(sql)));
      const rows = await tx.secret.findMany({ select: { orgId: true } });
      this.count(
        org,
        rows.map(({ orgId }) => ({ name: 'secrets', org: orgId, rows: 1 })),
      );
    });
  }

  private throughPlainSql(org: string, ending: Ending): Promise<void> {
    return withTenantPg(this.plain, org, async (tx) => {
      this.count(org, (await tx.query<Seen>(this.plainLook)).rows);
      await tx.query(`SELECT pg_sleep(${pause()})`);
      const { rowCount } = await tx.query('UPDATE agent_runs SET workflow_id = NULL');
      this.counted.crossWrites += rowCount - 1;
      await this.abort(ending, (sql) => tx.query(sql));
      this.count(org, (await tx.query<Seen>(this.plainLook)).rows);
    });
  }

  private async abort(ending: Ending, query: (sql: string) => Promise<unknown>): Promise<void> {
    switch (ending) {
      case 'commit':
        return;
      case 'throw':
        throw new Error('the work gave up');
      case 'refuse':
        return void (await query('SELECT 1 / 0'));
      case 'swallow':
        // Somebody who goes on after a refused statement: Postgres refuses the rest.
        return void (await query('SELECT 1 / 0').catch(() => undefined));
      case 'cut':
        return void (await query('SELECT pg_terminate_backend(pg_backend_pid())'));
    }
  }

  private count(org: string, seen: Seen[]): void {
    for (const row of seen) {
      this.counted.rowsRead += row.rows;
      if (row.org !== toUuid(org)) this.counted.crossReads += row.rows;
    }
  }

  /** The pool's connections have served many organizations by now: none of them may linger. */
  private async lookOutside(): Promise<void> {
    const seen = await this.plain.query<Seen>(this.plainLook).catch(() => undefined);
    if (!seen) return;
    this.counted.outsideLooks += 1;
    this.counted.outsideRows += seen.rows.reduce((sum, { rows }) => sum + rows, 0);
  }
}

/** Reads every table, without a filter of any kind. */
function lookAt(tables: string[]): string {
  return tables
    .map(
      (name) =>
        `SELECT '${name}' AS name, org_id::text AS org, count(*)::int AS rows FROM ${name} GROUP BY 2`,
    )
    .join(' UNION ALL ');
}

function endingOf(chance: number): Ending {
  if (chance < CUT) return 'cut';
  if (chance < 0.09) return 'throw';
  if (chance < 0.17) return 'refuse';
  return chance < 0.25 ? 'swallow' : 'commit';
}

function pause(): string {
  return (Math.random() * 0.002).toFixed(4);
}
