/** For the operator's own Postgres, which these tools do not copy: what to run instead. The password is never printed. */
export function dumpCommands(databaseUrl: string): string {
  const url = withoutPassword(databaseUrl);
  return `The database of DATABASE_URL is your own: this has backed up the keys and the checkpoints only. Back it up at the
same time with its own tools (a snapshot of a managed server, or):

  pg_dump --format=custom --file=claviger.dump "${url}"

Roles are not in it and need not be: the migrator makes them anew. infra/docs/runbooks/backup-and-restore.md has the rest.`;
}

/** How such a dump comes back. */
export function restoreCommands(databaseUrl: string): string {
  const url = withoutPassword(databaseUrl);
  return `The keys and the checkpoints are restored. The database of DATABASE_URL is your own; into an empty one:

  psql "${url}" -c 'CREATE ROLE claviger_owner NOLOGIN' -c 'CREATE ROLE claviger_lookup NOLOGIN' \\
    -c 'CREATE ROLE claviger_api LOGIN' -c 'CREATE ROLE claviger_engine LOGIN' -c 'CREATE ROLE claviger_worker LOGIN'
  pg_restore --exit-on-error --dbname="${url}" claviger.dump

The next start's migrator gives the roles their passwords again. infra/docs/runbooks/backup-and-restore.md has the rest.`;
}

function withoutPassword(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.password = '';
  return url.toString();
}
