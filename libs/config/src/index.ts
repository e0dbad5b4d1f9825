export { loadApiConfig, type ApiConfig } from './api.js';
export { loadAuditToolConfig, type AuditToolConfig } from './audit-tool.js';
export { loadBackupToolConfig, type BackupToolConfig } from './backup-tool.js';
export { type CheckpointFile, type CheckpointSigning } from './checkpoints.js';
export { LOG_LEVELS, type CommonConfig, type LogLevel } from './common.js';
export { ConfigError, type ConfigFault } from './config-error.js';
export { type EgressProxyConfig, type WayOutConfig } from './egress.js';
export { loadEngineConfig, type EngineConfig } from './engine.js';
export { processEnvironment, resolveEnvironment, type Environment } from './environment.js';
export { type AwsKmsConfig, type KmsConfig, type LocalKmsConfig, type VaultKmsConfig } from './kms.js';
export { type OrgKmsConfig, type OrgKmsPrincipals } from './org-kms.js';
export {
  loadLauncherConfig,
  loadNewMasterKeyConfig,
  type LauncherConfig,
  type NewMasterKeyConfig,
} from './launcher.js';
export { type SettingsCheck } from './load.js';
export {
  loadMigrateConfig,
  loadProvisionConfig,
  type MigrateConfig,
  type ProvisionConfig,
} from './migrate.js';
export { BUILT_IN_PLANS, type PlanSettings } from './plans.js';
export { type TracingConfig } from './tracing.js';
export { loadWorkerConfig, type RewrapConfig, type WebhooksConfig, type WorkerConfig } from './worker.js';
