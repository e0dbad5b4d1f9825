import { runMigrations } from 'bullmq';
import type { Client } from 'pg';
import { QUEUE_SCHEMA } from '#lib/contracts';
import { PROCESS_ROLES } from './roles.js';

/** Brings the queue's schema up to date as the owner and lets its users in; the process roles own nothing of it. */
export async function migrateQueueSchema(client: Client): Promise<void> {
  await runMigrations(client, QUEUE_SCHEMA);
  const users = PROCESS_ROLES.join(', ');
  const rights = [
    ['SELECT, INSERT, UPDATE, DELETE', 'TABLES'],
    ['USAGE, SELECT, UPDATE', 'SEQUENCES'],
    ['EXECUTE', 'FUNCTIONS'],
  ] as const;
  await client.query(`GRANT USAGE ON SCHEMA ${QUEUE_SCHEMA} TO ${users}`);
  for (const [right, kind] of rights) {
    await client.query(`REVOKE ALL ON ALL ${kind} IN SCHEMA ${QUEUE_SCHEMA} FROM PUBLIC`);
    await client.query(`GRANT ${right} ON ALL ${kind} IN SCHEMA ${QUEUE_SCHEMA} TO ${users}`);
    // What a later version of the queue adds is let in, too.
    await client.query(
      `ALTER DEFAULT PRIVILEGES IN SCHEMA ${QUEUE_SCHEMA} GRANT ${right} ON ${kind} TO ${users}`,
    );
  }
}
