import type { Client } from 'pg';
import pg from 'pg';
import { deriveRolePassword } from '#lib/kernel';
import { MigrationError } from './errors.js';

/** The processes that log in, each with its own grants. */
export const PROCESS_ROLES = ['claviger_api', 'claviger_engine', 'claviger_worker'] as const;
export type ProcessRole = (typeof PROCESS_ROLES)[number];

export const OWNER_ROLE = 'claviger_owner';
const LOOKUP_ROLE = 'claviger_lookup';

/**
 * Makes the roles that are missing, sets the process roles' passwords and lets the login act as the owner.
 * Works for a superuser and for a login that has CREATEROLE and owns the database.
 */
export async function ensureRoles(client: Client, ownerPassword: string): Promise<void> {
  await mayMakeRoles(client);
  await retryOverRaces(async () => {
    const login = await currentLogin(client);
    for (const role of [OWNER_ROLE, LOOKUP_ROLE]) {
      if (role !== login) await createRole(client, role, 'NOLOGIN');
    }
    for (const role of PROCESS_ROLES) {
      await createRole(client, role, 'LOGIN');
      const password = pg.escapeLiteral(deriveRolePassword(ownerPassword, role));
      await client.query(`ALTER ROLE ${role} LOGIN PASSWORD ${password}`);
    }
    await refuseTooMuch(client);
    if (login !== OWNER_ROLE) await client.query(`GRANT ${OWNER_ROLE} TO ${pg.escapeIdentifier(login)}`);
    if (login !== OWNER_ROLE) await client.query(`GRANT ${LOOKUP_ROLE} TO ${pg.escapeIdentifier(login)}`);
    // The functions' owner is made by the tables' owner, who must be able to act as it.
    await client.query(`GRANT ${LOOKUP_ROLE} TO ${OWNER_ROLE}`);
  });
  await allowInDatabase(client);
}

async function mayMakeRoles(client: Client): Promise<void> {
  const { rows } = await client.query<{ may: boolean }>(
    'SELECT rolsuper OR rolcreaterole AS may FROM pg_roles WHERE rolname = session_user',
  );
  if (rows[0]?.may) return;
  throw new MigrationError(
    'the login of DATABASE_URL may not make roles: as an administrator, ALTER ROLE … CREATEROLE, and make it the owner of the database.',
  );
}

async function currentLogin(client: Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>('SELECT session_user AS name');
  return rows[0]!.name;
}

async function createRole(client: Client, role: string, login: 'LOGIN' | 'NOLOGIN'): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) await client.query(`CREATE ROLE ${role} ${login} NOINHERIT`);
}

/** A process role that may bypass row-level security would make the tenant wall a decoration. */
async function refuseTooMuch(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT rolname AS name FROM pg_roles
     WHERE rolname = ANY($1) AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)`,
    [[...PROCESS_ROLES, LOOKUP_ROLE]],
  );
  if (rows.length === 0) return;
  const names = rows.map((row) => row.name).join(', ');
  throw new MigrationError(
    `${names} may do too much: ALTER ROLE … NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB, then start again.`,
  );
}

async function allowInDatabase(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name');
  const database = pg.escapeIdentifier(rows[0]!.name);
  await client.query(`GRANT CREATE, CONNECT, TEMPORARY ON DATABASE ${database} TO ${OWNER_ROLE}`);
  await client.query(`GRANT CONNECT ON DATABASE ${database} TO ${PROCESS_ROLES.join(', ')}`);
  await client.query(`REVOKE TEMPORARY ON DATABASE ${database} FROM PUBLIC`);
  await client.query(`REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
  await client.query(`GRANT USAGE, CREATE ON SCHEMA public TO ${OWNER_ROLE}`);
}

/** Roles belong to the whole server, the advisory lock to one database: two databases may be migrated at once. */
async function retryOverRaces(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const code = error instanceof pg.DatabaseError ? error.code : undefined;
      const raced = code === '23505' || code === '42710' || code === 'XX000';
      if (!raced || attempt === 10) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 * attempt));
    }
  }
}
