/** The app's names for what the generated documents call DTOs: nothing outside `lib/api` sees the generated client. */
export type {
  ApprovalDto as PolicyApproval,
  AssignedKeyDto as AssignedKey,
  AssignmentInputDto as Assignment,
  AuditEventDto as AuditEvent,
  AvailableModelDto as AvailableModel,
  CreatedTokenDto as CreatedToken,
  CreatedWebhookDto as CreatedWebhook,
  CreatePolicyDto as NewPolicy,
  CreatePriceOverrideDto as NewPriceOverride,
  CreateProviderKeyDtoWritable as NewAiProvider,
  CreateQuotaDto as NewQuota,
  CreateWebhookDto as NewWebhook,
  DeliveryDto as Delivery,
  DeliveryPageDto as DeliveryPage,
  InstallationDto as Installation,
  DryRunDto as PolicyDraft,
  DryRunResultDto as PolicyDryRun,
  InviteDto as Invite,
  InvitePreviewDto as InvitePreview,
  KeyHealthDto as KeyHealth,
  KeyTestResultDto as KeyTestResult,
  KeyVersionDto as KeyVersion,
  McpServerDto as McpServer,
  AssignedMcpServerDto as AssignedMcpServer,
  McpAssignmentInputDto as McpAssignment,
  CreateMcpServerDtoWritable as NewMcpServer,
  UpdateMcpServerDtoWritable as McpServerChange,
  MemberDto as Member,
  ModelAliasDto as ModelAlias,
  ModelListDto as ModelList,
  ModelRefDto as ModelRef,
  NoticeDto as Notice,
  OrgDeletionPreviewDto as OrgDeletionPreview,
  RateLimitsDto as RateLimits,
  ResolveDto as ModelQuestion,
  OrgKillSwitchDto as OrgKillSwitch,
  OwnKmsDto as OwnKms,
  PlanDto as Plan,
  PolicyDto as Policy,
  PolicyRuleDto as PolicyRule,
  PolicyScopeDto as PolicyScope,
  PolicyVersionDto as PolicyVersion,
  PolicyViolationDto as PolicyViolation,
  PriceOverrideDto as PriceOverride,
  ProviderDto as Provider,
  ProviderKeyDto as AiProvider,
  QuotaDto as Quota,
  QuotaScopeDto as QuotaScope,
  ResolutionDto as Resolution,
  ReplacedAssignmentsDto as AssignmentPreview,
  SavedProviderKeyDto as SavedAiProvider,
  SessionDto as Session,
  TokenDto as Token,
  UnavailableModelDto as UnavailableModel,
  UsageDto as Usage,
  UsageRowDto as UsageRow,
  UpdateQuotaDto as QuotaChange,
  UpdateProviderKeyDtoWritable as AiProviderChange,
  UpdateWebhookDto as WebhookChange,
  UpdateWorkspaceDto as WorkspaceChange,
  WebhookDto as Webhook,
  WorkspaceDto as Workspace,
  WorkspaceGrantDto as WorkspaceGrant,
  ToolFactDto as ToolFact,
  WorkspaceMemberDto as WorkspaceMember,
  WorkspaceSummaryDto as WorkspaceSummary,
} from '../generated/api';
export type {
  AgentRunResponse as RunAnswer,
  FetchedRunResponse as FetchedRun,
  ListedRunResponse as ListedRun,
  RunStepResponse as RunStep,
  StepRuleDto as StepRule,
  ToolOutputDto as ToolOutput,
} from '../generated/engine';
import type {
  AgentDto,
  AgentRunResponse,
  AgentRunsListData,
  ClientToolDto,
  HttpToolDto,
  McpToolDto,
} from '../generated/engine';
import type {
  DeliveryDto,
  McpServerDto,
  MembershipDto,
  PolicyDto,
  ProviderKeyDto,
  TokenDto,
  UsageDto,
  UsageGetData,
  WebhookDto,
} from '../generated/api';

export type HttpTool = HttpToolDto & { type: 'http' };
/** Told apart by `type`. */
export type AgentTool = HttpTool | (McpToolDto & { type: 'mcp' }) | (ClientToolDto & { type: 'client' });
/** The Agent node as the editor sends it. */
export type Agent = Omit<AgentDto, 'tools'> & { prompt: string; tools?: AgentTool[] };
/** What a run was asked, as the engine keeps it. */
export type AskedAgent = AgentDto;
export type ToolChoice = NonNullable<AgentDto['toolChoice']>;
export type StopCondition = NonNullable<AgentDto['stopWhen']>[number];
export type OutputType = NonNullable<AgentDto['output']>['type'];
export type RunStatus = AgentRunResponse['status'];
export type StopReason = NonNullable<AgentRunResponse['stopReason']>;
export type RunQuery = NonNullable<AgentRunsListData['query']>;
export type CallApproval = McpServerDto['approval'];
export type CallApprovers = McpServerDto['approvers'];
export type OrgRole = MembershipDto['role'];
export type PolicySeverity = PolicyDto['severity'];
export type TokenKind = TokenDto['kind'];
export type KeyStatus = ProviderKeyDto['status'];
export type TestStatus = NonNullable<ProviderKeyDto['lastTestStatus']>;
export type WebhookEvent = WebhookDto['events'][number];
export type DeliveryState = DeliveryDto['state'];
export type UsageGroup = NonNullable<NonNullable<UsageGetData['query']>['groupBy']>;
export type UsageInterval = UsageDto['interval'];

/** Usage added up over a range. */
export interface UsageTotal {
  group: string;
  name: string;
  calls: number;
  inputTokens: number;
  outputTokens: number;
  costMicroUsd: number;
  unpricedCalls: number;
}
