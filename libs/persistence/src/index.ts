export { loadCatalogue } from './catalogue-rows.js';
export { appendCheckpoints, isTorn, readCheckpoints } from './checkpoints/checkpoint-file.js';
export {
  CheckpointSigner,
  CheckpointVerifier,
  type AcknowledgementFacts,
  type CheckpointLine,
  type Signature,
  type SignedCheckpoint,
} from './checkpoints/checkpoint-line.js';
export { CheckpointReader } from './checkpoints/checkpoint-reader.js';
export { CheckpointStore, type MovedHead } from './checkpoints/checkpoint-store.js';
export { readInstallationFacts, type InstallationFacts } from './installation/facts.js';
export { appliedMigrations, assertServes } from './installation/serves.js';
export { readInstallation, rememberOnce, type InstallationSettings } from './installation/settings.js';
export { MIGRATIONS } from './generated/migrations.js';
export { Lookups } from './lookups/lookups.js';
export {
  type GrantFacts,
  type InviteRow,
  type LoginRow,
  type MemberFacts,
  type NewSession,
  type NewUser,
  type OrgFacts,
  type SessionListRow,
  type SessionRow,
  type TokenRow,
  type UserFacts,
  type UserOrgRow,
} from './lookups/rows.js';
export { MigrationError } from './migrate/errors.js';
export { migrate, roleUrl, type MigrateOptions, type MigrateResult } from './migrate/migrate.js';
export { PROCESS_ROLES, type ProcessRole } from './migrate/roles.js';
export { NoticeStore, type DueNotice } from './notice-store.js';
export { QuotaAlertStore } from './quota-alert-store.js';
export { PolicyAlertStore } from './policy-alert-store.js';
export { PersistenceModule, type PersistenceOptions } from './persistence.module.js';
export { PgPool, type PgClient, type PgPoolOptions, type PgResult } from './pg/pg-pool.js';
export { assertPrimary } from './pg/primary.js';
export { withTenantPg, type TenantPg } from './pg/tenant-pg.js';
export { PurgeStore } from './purge-store.js';
export { appendAudit, appendAuditPg } from './records/append-audit.js';
export { appendOutbox, appendOutboxPg, EVENT_CHANNEL } from './records/append-outbox.js';
export { destroyOrg, type DestroyedCounts, type OrgDestruction } from './records/destroy-org.js';
export { EventListener, type EventListenerOptions } from './records/event-listener.js';
export {
  activateSecretVersion,
  drainSecretVersionFor,
  insertSecretVersion,
  shredSecretVersions,
  type NewSecretVersion,
} from './records/secret-versions.js';
export { OwnKmsStore } from './records/own-kms-store.js';
export { signalRun } from './records/signal-run.js';
export { sealedRefs } from './records/sealed-refs.js';
export { type AuditCheckpoint, type AuditVerdict } from './records/audit-chain.js';
export { verifyAuditExport } from './records/verify-export.js';
export { verifyAuditChain } from './records/verify-audit.js';
export { RewrapStore, type SaveWrapping, type WrappedCount, type WrappedVersion } from './rewrap-store.js';
export { compareEpochs, type Comparison, type Witnesses } from './restored/compare.js';
export { EpochMemory } from './restored/epoch-memory.js';
export {
  judge,
  type Evidence,
  type OutsideEpoch,
  type RestoreFactsOfDatabase,
  type Verdict,
} from './restored/judge.js';
export { wordsFor } from './restored/refusals.js';
export { RestoreStore } from './restored/restore-store.js';
export { RestoreWatch, type WatchOptions } from './restored/restore-watch.js';
export { RestoreWatchModule } from './restored/restore-watch.module.js';
export { AuthorisedStateReader } from './state/authorised-state.reader.js';
export { TenantDb, type TenantDbOptions, type TenantTx } from './tenant/tenant-db.js';
export { UsageStore, type UsageRetention } from './usage-store.js';
export {
  WebhookAttempts,
  type AttemptFacts,
  type DueMessage,
  type RunOfMessage,
  type SigningVersion,
} from './webhooks/webhook-attempts.js';
export {
  WebhookMessages,
  type ClaimBounds,
  type DeliveryClaim,
  type NewMessage,
} from './webhooks/webhook-messages.js';
export { WorkerStore, type PublishedEvent, type StaleVersion } from './worker-store.js';
