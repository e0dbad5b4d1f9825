/** For the operator's own Postgres, which these tools do not copy: what to run instead. The password is never printed. */
export function dumpCommands(databaseUrl: string): string {
  const url = withoutPassword(databaseUrl);
  return `The database of DATABASE_URL is your own: this has backed up the keys and the checkpoints only. Back it up at the
same time with its own tools (a snapshot of a managed server, or):

  pg_dump --format=custom --file=claviger.dump "${url}"

It takes a superuser or a login with BYPASSRLS: row-level security is forced on the owner, too. Passwords of roles are not in
it and need not be. infra/docs/runbooks/backup-and-restore.md has the rest.`;
}

/** How such a dump comes back. */
export function restoreCommands(databaseUrl: string): string {
  const url = withoutPassword(databaseUrl);
  return `The keys and the checkpoints are restored. The database of DATABASE_URL is your own; into an empty one:

${createRoles(url)}
  pg_restore --exit-on-error --dbname="${url}" claviger.dump

The next start's migrator gives the roles their passwords again. Nothing is served then: keys, tokens and members that were
revoked since that backup would work again. Read infra/docs/runbooks/restored-database.md, then:

  npm run audit -- acknowledge-restore --reason "…"`;
}

/** What a dump's owners and grants name, as the migrator makes it: without NOINHERIT the owner would see over the tenant wall. */
function createRoles(url: string): string {
  const roles = [
    ...['claviger_owner NOLOGIN', 'claviger_lookup NOLOGIN'],
    ...['claviger_api LOGIN', 'claviger_engine LOGIN', 'claviger_worker LOGIN'],
  ];
  const commands = roles.map((role) => `-c 'CREATE ROLE ${role} NOINHERIT'`);
  return `  psql "${url}" ${commands.join(' \\\n    ')}`;
}

function withoutPassword(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.password = '';
  return url.toString();
}
