export {
  RUN_EVENTS,
  RUN_STATUSES,
  type AgentRunAnswer,
  type RunAttempt,
  type RunEventName,
  type RunServed,
  type RunStatus,
  type RunStep,
  type RunToolCall,
  type RunUsage,
} from './agent-run.js';
export { type AuditEntry } from './audit.js';
export {
  type AuthorisedState,
  type PlanLimits,
  type StateAssignment,
  type StateKey,
  type StatePrincipal,
  type StatePrincipalKey,
} from './authorised-state.js';
export { ClavigerError, ERROR_CODES, notFound, type ErrorCode, type ProblemDocument } from './error-codes.js';
export { ORG_GRACE_DAYS, QUEUE_SCHEMA, VERSION_DRAIN_MS, type JobPayloads, type QueueName } from './jobs.js';
export { EVENT_TOPICS, PLATFORM, type DomainEvent, type EventTopic } from './events.js';
export {
  type AvailableModel,
  type Capability,
  type ModelCapabilities,
  type ModelLifecycle,
  type ModelList,
  type ModelPrice,
  type UnavailableModel,
} from './models.js';
export { isOwnKmsRef, ownKmsRef, type OwnKmsKey, type OwnKmsKeys } from './own-kms.js';
export {
  EXPIRY_NOTICE_DAYS,
  expiryNotice,
  NOTICE_KINDS,
  NOTICE_LEVELS,
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
