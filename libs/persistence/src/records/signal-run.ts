import type { RunSignal } from '#lib/contracts';
import type { TenantPg } from '../pg/tenant-pg.js';

/** Postgres' NOTIFY channel of what happens to runs. Ids only. */
export const RUN_CHANNEL = 'claviger_runs';

/** Tells the engine processes, once the transaction has committed. A signal may be lost: whoever waits for it looks by itself, too. */
export async function signalRun(tx: TenantPg, signal: RunSignal): Promise<void> {
  await tx.query('SELECT pg_notify($1, $2)', [RUN_CHANNEL, JSON.stringify(signal)]);
}
