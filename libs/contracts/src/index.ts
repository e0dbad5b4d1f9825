export {
  APPROVAL_STATUSES,
  APPROVED_KINDS,
  type RunApproval,
  ATTEMPT_OUTCOMES,
  ATTEMPT_REASONS,
  RUN_EVENTS,
  RUN_STATUSES,
  type AgentRunAnswer,
  type AttemptReason,
  type RunAttempt,
  type RunEventName,
  type RunServed,
  type RunSignal,
  type RunStatus,
  type RunStep,
  type RunToolCall,
  type RunUsage,
} from './agent-run.js';
export { type AuditEntry } from './audit.js';
export {
  type AuthorisedState,
  type OrgKillSwitch,
  type StateRateLimits,
  type StateAssignment,
  type StateMcpServer,
  type StateSealed,
  type StateKey,
  type StatePrincipal,
  type StatePrincipalKey,
} from './authorised-state.js';
export { ClavigerError, ERROR_CODES, notFound, type ErrorCode, type ProblemDocument } from './error-codes.js';
export {
  ORG_GRACE_DAYS,
  QUEUE_SCHEMA,
  ROTATION_MS,
  VERSION_DRAIN_MS,
  type JobPayloads,
  type QueueName,
} from './jobs.js';
export { EVENT_TOPICS, PLATFORM, PLATFORM_ORG, type DomainEvent, type EventTopic } from './events.js';
export {
  MAX_SURFACE_LENGTH,
  MODEL_LIFECYCLES,
  type AvailableModel,
  type Capability,
  type ListedAlias,
  type ModelAlias,
  type ModelCapabilities,
  type ModelLifecycle,
  type ModelList,
  type ModelPrice,
  type PriceFigures,
  type PriceTier,
  type UnavailableModel,
} from './models.js';
export {
  KEY_HEALTH_KEPT,
  keptMessage,
  REFUSALS_UNTIL_FAILING,
  type KeyHealthEvent,
  type KeyHealthOutcome,
  type KeyHealthSource,
} from './key-health.js';
export { isOwnKmsRef, ownKmsRef, type OwnKmsKey, type OwnKmsKeys } from './own-kms.js';
export {
  EXPIRY_NOTICE_DAYS,
  expiryNotice,
  NOTICE_KINDS,
  NOTICE_LEVELS,
  thresholdLevel,
  type NoticeKind,
  type NoticeLevel,
} from './notices.js';
export {
  ORG_ROLES,
  PERMISSIONS,
  type OrgRole,
  type Permission,
  type PermissionStatement,
  type WorkspaceGrant,
} from './permissions.js';
export { NO_LIMITS, planAllowsModel, planLimitsOf, type PlanLimits } from './plan-limits.js';
export {
  CONTENT_ACTIONS,
  CONTENT_SIDES,
  POLICY_RULE_TYPES,
  POLICY_SEVERITIES,
  RETENTION_LEVELS,
  TOOL_KINDS,
  VIOLATION_ACTIONS,
  type ContentAction,
  type ContentSide,
  type Policy,
  type PolicyRefusal,
  type PolicyRule,
  type PolicyRuleType,
  type PolicyScope,
  type PolicySeverity,
  type RetentionLevel,
  type StatePolicy,
  type ToolKind,
  type ViolationAction,
} from './policies.js';
export {
  PROVIDER_KEY_STATUSES,
  PROVIDER_SLUGS,
  TEST_STATUSES,
  WIRE_PROTOCOLS,
  type KeyTestResult,
  type ProviderKeyStatus,
  type SealedCredential,
  type TestStatus,
  type TestStep,
  type TestStepName,
  type WireProtocol,
} from './provider-key.js';
export {
  OWN_KMS_ACTION,
  TICKET_ACTIONS,
  type AnyTicket,
  type EngineTicket,
  type OwnKmsCheck,
  type OwnKmsTicket,
  type TicketAction,
} from './tickets.js';
export {
  RATE_METRICS,
  RATE_SCOPES,
  type HeadRoom,
  type RateLimits,
  type RateMetric,
  type RateScopeKind,
} from './rate-limits.js';
export {
  QUOTA_METRICS,
  QUOTA_MODES,
  QUOTA_SCOPES,
  QUOTA_WINDOWS,
  type QuotaMetric,
  type QuotaMode,
  type KnownQuotaRoom,
  type QuotaRoom,
  type QuotaScope,
  type QuotaScopeType,
  type QuotaWindow,
  type StatePriceOverride,
  type StateQuota,
} from './quotas.js';
