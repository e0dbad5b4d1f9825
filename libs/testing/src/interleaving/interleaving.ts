import { newId, toUuid } from '#lib/kernel';
import { PgPool } from '#lib/persistence';
import { makeTenant } from '../database/tenant-fixture.js';
import type { TestDatabase } from '../database/test-database.js';
import { fillTenantTables } from './tenant-rows.js';
import { ROLES, waysOf, type Role, type Seen, type Statements, type Way } from './ways.js';

export interface InterleavingOptions {
  database: TestDatabase;
  transactions: number;
  /** Organizations; every one has a row in every tenant table. */
  orgs: number;
  tell?: (line: string) => void;
}

/** What was counted of one process role. */
export interface RoleCounts {
  /** Tenant tables that the role may read. */
  tables: number;
  transactions: number;
  /** Rows that selects without any filter answered, and those of them that were another organization's. */
  rowsRead: number;
  crossReads: number;
  /** The same of rows that updates without any filter changed. */
  rowsWritten: number;
  crossWrites: number;
  /** Looks at all tables outside any organization, on the very connections that the transactions used, and the rows seen. */
  outsideLooks: number;
  outsideRows: number;
}

export interface Interleaved {
  committed: number;
  /** Ended by an error of the work, by one of a statement, by a connection that was cut. */
  thrown: number;
  refused: number;
  cut: number;
  /** Tenant tables. */
  tables: number;
  roles: Record<Role, RoleCounts>;
}

const LANES = 24;
const CUT = 0.02;
type Ending = 'commit' | 'throw' | 'refuse' | 'swallow' | 'cut';

/**
 * Transactions of many organizations at once over a pool of two connections for each process role: the control plane's
 * through its ORM, the engine's and the worker's through plain SQL. A quarter of them is aborted in one of four ways.
 */
export async function interleave(options: InterleavingOptions): Promise<Interleaved> {
  const { database, transactions, tell = () => undefined } = options;
  const superuser = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
  let ways: Way[] = [];
  try {
    const orgIds: string[] = [];
    for (let n = 0; n < options.orgs; n += 1) orgIds.push((await makeTenant(database.superuserUrl)).orgId);
    const tables = await fillTenantTables(superuser, orgIds.map(toUuid));
    ways = await waysOf(database, superuser, tables);
    const run = new Run(ways, orgIds, tables.length);
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
    await Promise.all([...ways.map((way) => way.close()), superuser.close()]);
  }
}

class Run {
  readonly counted: Interleaved;

  constructor(
    private readonly ways: readonly Way[],
    private readonly orgIds: readonly string[],
    tables: number,
  ) {
    const of = (role: Role): RoleCounts => ({
      ...{ tables: ways.find((way) => way.role === role)?.tables ?? 0, transactions: 0 },
      ...{ rowsRead: 0, crossReads: 0, rowsWritten: 0, crossWrites: 0, outsideLooks: 0, outsideRows: 0 },
    });
    const [api, engine, worker] = ROLES.map(of);
    const roles = { api: api!, engine: engine!, worker: worker! };
    this.counted = { committed: 0, thrown: 0, refused: 0, cut: 0, tables, roles };
  }

  /** The `at`-th transaction: which organization, role and ending follow from its number and chance. */
  async one(at: number): Promise<void> {
    const way = this.ways[at % this.ways.length]!;
    const counts = this.counted.roles[way.role];
    const org = this.orgIds[Math.floor(Math.random() * this.orgIds.length)] ?? newId('org');
    const ending = endingOf(Math.random());
    counts.transactions += 1;
    const work = way.inOrg(org, (tx) => transact(tx, counts, toUuid(org), ending));
    const ended = await work.then(
      () => 'commit' as const,
      () => ending,
    );
    if (ended === 'commit') this.counted.committed += 1;
    else if (ended === 'throw') this.counted.thrown += 1;
    else if (ended === 'cut') this.counted.cut += 1;
    else this.counted.refused += 1;
    // The pool's connections have served many organizations by now: none of them may linger.
    if (Math.floor(at / this.ways.length) % 10 === 1) await lookOutside(way, counts, org);
  }
}

async function transact(tx: Statements, counts: RoleCounts, org: string, ending: Ending): Promise<void> {
  const count = (seen: Seen[]) => {
    for (const row of seen) {
      counts.rowsRead += row.rows;
      if (row.org !== org) counts.crossReads += row.rows;
    }
  };
  count(await tx.look());
  await tx.run(`SELECT 1 AS waited FROM pg_sleep(${pause()})`);
  const written = await tx.update();
  counts.rowsWritten += written.length;
  counts.crossWrites += written.filter((owner) => owner !== org).length;
  await abort(tx, ending);
  count(await tx.lookAgain());
}

async function abort(tx: Statements, ending: Ending): Promise<void> {
  switch (ending) {
    case 'commit':
      return;
    case 'throw':
      throw new Error('the work gave up');
    case 'refuse':
      return void (await tx.run('SELECT 1 / 0'));
    case 'swallow':
      // Somebody who goes on after a refused statement: Postgres refuses the rest.
      return void (await tx.run('SELECT 1 / 0').catch(() => undefined));
    case 'cut':
      return void (await tx.run('SELECT pg_terminate_backend(pg_backend_pid())'));
  }
}

async function lookOutside(way: Way, counts: RoleCounts, org: string): Promise<void> {
  const seen = await way.lookOutside(org).catch(() => undefined);
  if (!seen) return;
  counts.outsideLooks += 1;
  counts.outsideRows += seen.reduce((sum, { rows }) => sum + rows, 0);
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
