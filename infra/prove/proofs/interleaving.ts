import { interleave, INTERLEAVED_ROLES, startTestDatabase, type RoleCounts } from '#lib/testing';
import { Bars, type Figures, type Outcome, type Proof } from '../proof.js';
import { promisesOfEach, type Promises } from '../promises.js';

const TRANSACTIONS = 10_000;
const ORGS = 40;

/** Issue "custody", line 11. */
export const interleaving: Proof = {
  name: 'interleaving',
  shows: `${TRANSACTIONS} interleaved transactions of ${ORGS} organizations over a pool of two connections for each of api, engine and worker, a quarter of them aborted, with queries that have no filter, read and write no row of another organization, and leave none on a connection`,
  promises: {
    transactions: { is: TRANSACTIONS },
    poolSize: { is: 2 },
    thrown: { atLeast: 51 },
    refused: { atLeast: 51 },
    cut: { atLeast: 51 },
    ...promisesOfEach(INTERLEAVED_ROLES, promisesOf),
  },
  async run(tell): Promise<Outcome> {
    const database = await startTestDatabase();
    try {
      const counted = await interleave({ database, transactions: TRANSACTIONS, orgs: ORGS, tell });
      const { roles, ...endings } = counted;
      const { committed, thrown, refused, cut } = endings;
      const bars = new Bars();
      bars.hold(committed + thrown + refused + cut === TRANSACTIONS, 'not every transaction ended');
      const figures: Figures = { transactions: TRANSACTIONS, orgs: ORGS, poolSize: 2, ...endings };
      for (const role of INTERLEAVED_ROLES) Object.assign(figures, figuresOf(role, roles[role]));
      return { faults: bars.faults, figures };
    } finally {
      await database.stop();
    }
  },
};

/** Nothing of others, and none of the zeros is one of nothing done. */
function promisesOf(role: string): Promises {
  const third = Math.floor(TRANSACTIONS / 3);
  return {
    [`${role}Transactions`]: { atLeast: third },
    [`${role}RowsRead`]: { atLeast: 3 * third },
    [`${role}CrossReads`]: { is: 0 },
    [`${role}RowsWritten`]: { atLeast: third / 2 },
    [`${role}CrossWrites`]: { is: 0 },
    [`${role}OutsideLooks`]: { atLeast: 200 },
    [`${role}OutsideRows`]: { is: 0 },
  };
}

function figuresOf(role: string, counts: RoleCounts): Figures {
  return Object.fromEntries(
    Object.entries(counts).map(([name, value]) => [role + name[0]?.toUpperCase() + name.slice(1), value]),
  );
}
