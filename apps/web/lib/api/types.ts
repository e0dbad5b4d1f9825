/** The app's names for what the generated documents call DTOs: nothing outside `lib/api` sees the generated client. */
export type {
  AssignedKeyDto as AssignedKey,
  AssignmentInputDto as Assignment,
  AuditEventDto as AuditEvent,
  AvailableModelDto as AvailableModel,
  CreatedTokenDto as CreatedToken,
  CreateProviderKeyDtoWritable as NewAiProvider,
  InviteDto as Invite,
  InvitePreviewDto as InvitePreview,
  KeyTestResultDto as KeyTestResult,
  KeyVersionDto as KeyVersion,
  MemberDto as Member,
  ModelListDto as ModelList,
  ModelRefDto as ModelRef,
  NoticeDto as Notice,
  OrgDeletionPreviewDto as OrgDeletionPreview,
  OwnKmsDto as OwnKms,
  ProviderDto as Provider,
  ProviderKeyDto as AiProvider,
  ReplacedAssignmentsDto as AssignmentPreview,
  SavedProviderKeyDto as SavedAiProvider,
  SessionDto as Session,
  TokenDto as Token,
  UnavailableModelDto as UnavailableModel,
  UpdateProviderKeyDtoWritable as AiProviderChange,
  UpdateWorkspaceDto as WorkspaceChange,
  WorkspaceDto as Workspace,
  WorkspaceGrantDto as WorkspaceGrant,
  WorkspaceMemberDto as WorkspaceMember,
  WorkspaceSummaryDto as WorkspaceSummary,
} from '../generated/api';
export type { AgentRunResponse as RunAnswer } from '../generated/engine';
import type { MembershipDto, ProviderKeyDto, TokenDto, UsageGetData } from '../generated/api';

export type OrgRole = MembershipDto['role'];
export type TokenKind = TokenDto['kind'];
export type KeyStatus = ProviderKeyDto['status'];
export type TestStatus = NonNullable<ProviderKeyDto['lastTestStatus']>;
export type UsageGroup = NonNullable<NonNullable<UsageGetData['query']>['groupBy']>;

/** Usage added up over days. */
export interface UsageTotal {
  group: string;
  name: string;
  calls: number;
  inputTokens: number;
  outputTokens: number;
  costMicroUsd: number;
  unpricedCalls: number;
}
