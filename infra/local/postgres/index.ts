export { takeBaseBackup } from './base-backup.js';
export { startPostgres, type PostgresOptions, type RunningPostgres } from './start.js';
export { existingCluster, moveElsewhere, removeCluster, unpackBaseBackup } from './unpack.js';
