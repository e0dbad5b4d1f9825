import { interleave, startTestDatabase } from '#lib/testing';
import { Bars, type Outcome, type Proof } from '../proof.js';

const TRANSACTIONS = 10_000;
const ORGS = 40;

/** Issue "custody", line 11. */
export const interleaving: Proof = {
  name: 'interleaving',
  shows: `${TRANSACTIONS} interleaved transactions of ${ORGS} organizations over pools of two connections, a quarter of them aborted, with queries that have no filter, read and write no row of another organization`,
  async run(tell): Promise<Outcome> {
    const database = await startTestDatabase();
    try {
      const counted = await interleave({ database, transactions: TRANSACTIONS, orgs: ORGS, tell });
      const { committed, thrown, refused, cut, crossReads, crossWrites, outsideRows } = counted;
      const bars = new Bars();
      bars.hold(committed + thrown + refused + cut === TRANSACTIONS, 'not every transaction ended');
      bars.hold(Math.min(thrown, refused, cut) > 50, 'there were hardly any aborts of one kind');
      bars.hold(counted.rowsRead > 10 * TRANSACTIONS, 'there was hardly anything to read');
      bars.hold(crossReads === 0, `${crossReads} rows of other organizations were read`);
      bars.hold(crossWrites === 0, `${crossWrites} rows of other organizations were written`);
      bars.hold(outsideRows === 0, `${outsideRows} rows were seen outside any organization`);
      const poolSize = 2;
      return {
        faults: bars.faults,
        figures: { transactions: TRANSACTIONS, orgs: ORGS, poolSize, ...counted },
      };
    } finally {
      await database.stop();
    }
  },
};
