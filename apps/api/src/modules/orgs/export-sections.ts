import type { IdPrefix } from '#lib/kernel';

/** How a column is written: an id under its prefix, a time in RFC 3339, bytes in hexadecimal, anything else as it is. */
export type ColumnForm = IdPrefix | 'time' | 'hex' | 'plain';

export interface ExportColumn {
  column: string;
  /** Its name in the export. */
  field: string;
  form: ColumnForm;
}

/** One kind of line, read from one table. What a section does not name is not exported. */
export interface ExportSection {
  type: string;
  table: string;
  /** The columns that order the rows, and their types in SQL. */
  key: { column: string; type: 'uuid' | 'text' | 'int' | 'bigint' | 'date' | 'timestamptz' | 'bytea' }[];
  columns: ExportColumn[];
}

/** `columns`: names as in the table, each with `=form` where it is not plain and `>field` where its name differs. */
function section(type: string, table: string, key: string, columns: string): ExportSection {
  return {
    type,
    table,
    key: key.split(' ').map((part) => {
      const [column, sqlType] = part.split('=') as [string, ExportSection['key'][number]['type']];
      return { column, type: sqlType };
    }),
    columns: columns.split(/\s+/).map((part) => {
      const [, column, form = 'plain', field] = /^(\w+)(?:=(\w+))?(?:>(\w+))?$/.exec(part) ?? [];
      if (!column) throw new Error(`${table}: ${part} is no column`);
      return { column, form: form as ColumnForm, field: field ?? camelCase(column) };
    }),
  };
}

function camelCase(column: string): string {
  return column.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

const TOKENS = 'input_tokens output_tokens cached_input_tokens reasoning_tokens';

/** What usage is added up by, and its sums. */
const SUMS = `series=hex workspace_id=ws provider_key_id=aip>aiProviderId provider model principal_id user_id workflow_id calls
  failed_calls ${TOKENS} cost_micro_usd unpriced_calls`;

/** The export, in its order. The audit log comes from its own room, exact to the byte that was hashed. */
export const EXPORT_SECTIONS: readonly ExportSection[] = [
  section(
    'org',
    'orgs',
    'org_id=uuid',
    'org_id=org>id name slug plan kms_external_id stopped_by_operator stopped_by_owner created_at=time updated_at=time',
  ),
  section('person', 'users', 'id=uuid', 'id=usr email name'),
  section(
    'member',
    'members',
    'id=uuid',
    'id=mem user_id=usr role status invite_id=inv created_at=time updated_at=time',
  ),
  section(
    'invite',
    'invites',
    'id=uuid',
    'id=inv role enabled uses created_by=usr expires_at=time created_at=time',
  ),
  section(
    'workspace',
    'workspaces',
    'id=uuid',
    'id=ws slug name default_provider is_default revision created_at=time updated_at=time',
  ),
  section(
    'grant',
    'workspace_grants',
    'workspace_id=uuid member_id=uuid',
    'workspace_id=ws member_id=mem can_edit can_delete can_execute',
  ),
  section(
    'token',
    'tokens',
    'id=uuid',
    `id=tok name kind workspace_id=ws owner_member_id=mem permissions limits prefix expires_at=time revoked_at=time
     last_used_at=time created_at=time ancestors`,
  ),
  section(
    'secret',
    'secrets',
    'id=uuid',
    `id=sec name purpose origins mask current_version owner_key_id=aip for_tools created_at=time updated_at=time`,
  ),
  section(
    'secretVersion',
    'secret_versions',
    'secret_id=uuid version=int',
    'secret_id=sec version format origins state created_by=usr created_at=time retired_at=time',
  ),
  section(
    'aiProvider',
    'provider_keys',
    'id=uuid',
    `id=aip name provider secret_id=sec base_url default_model models config enabled limits refused_in_a_row
     last_ok_at=time last_tested_at=time last_test_status last_test_message last_used_at=time expires_at=time revision created_by=usr
     created_at=time updated_at=time`,
  ),
  section('modelAlias', 'model_aliases', 'id=uuid', 'workspace_id=ws name models'),
  section(
    'keyHealth',
    'provider_key_health',
    'id=uuid',
    'id provider_key_id=aip>aiProviderId at=time source outcome code message run_id=run refused_in_a_row',
  ),
  section(
    'assignment',
    'assignments',
    'workspace_id=uuid provider_key_id=uuid',
    `workspace_id=ws provider_key_id=aip>aiProviderId priority weight active default_model models created_at=time`,
  ),
  section(
    'ownKmsKey',
    'org_kms_keys',
    'id=uuid',
    'id key_arn role_arn external_id state created_by=usr created_at=time checked_at=time',
  ),
  section('providerGate', 'provider_gates', 'provider=text', 'provider enabled updated_at=time'),
  section('planCounter', 'plan_counters', 'resource=text', 'resource used'),
  section(
    'notice',
    'notices',
    'id=uuid',
    `id=ntc kind provider_key_id=aip>aiProviderId level due_at=time days_before created_at=time dismissed_at=time
     dismissed_by=usr quota_id=quo threshold quota_max window_start=time
     policy_id=pol policy_day webhook_id=whk`,
  ),
  section(
    'run',
    'agent_runs',
    'id=uuid',
    `id=run workspace_id=ws node_execution_id principal_id user_id workflow_id workflow_version status result error
     started_at=time finished_at=time tools surface max_output_tokens retention fence queued_at=time not_before=time
     claimed_at=time sent_at=time cancel_requested_at=time listened_at=time waits_until=time
     callback_webhook_id=whk asked`,
  ),
  section('runRequest', 'run_requests', 'run_id=uuid', 'run_id=run principal_kind request'),
  section('runEvents', 'run_events', 'run_id=uuid first_id=int', 'run_id=run first_id last_id events'),
  section(
    'usageRecord',
    'usage_records',
    'id=uuid',
    `id run_id=run workspace_id=ws provider_key_id=aip>aiProviderId key_version provider model principal_id user_id
     workflow_id purpose outcome ${TOKENS} cost_micro_usd created_at=time price rolled_at=time`,
  ),
  section('usageDay', 'usage_days', 'day=date series=bytea', `day ${SUMS}`),
  section('usageMinute', 'usage_minutes', 'minute=timestamptz series=bytea', `minute=time ${SUMS}`),
  section(
    'mcpServer',
    'mcp_servers',
    'id=uuid',
    'id=mcp name url secret_id=sec enabled approval approvers revision created_at=time updated_at=time',
  ),
  section(
    'mcpAssignment',
    'mcp_assignments',
    'workspace_id=uuid mcp_server_id=uuid',
    'workspace_id=ws mcp_server_id=mcp active created_at=time',
  ),
  section(
    'webhook',
    'webhooks',
    'id=uuid',
    `id=whk name url events workspace_id=ws secret_id=sec enabled disabled_reason revision created_by=usr created_at=time
     updated_at=time`,
  ),
  section(
    'webhookDelivery',
    'webhook_deliveries',
    'id=uuid',
    `id=dlv webhook_id=whk message=evt>messageId type ids occurred_at=time state attempts round_attempts round_started_at=time
     next_attempt_at=time claimed_until=time last_attempt_at=time last_status last_error last_answer duration_ms created_at=time
     finished_at=time`,
  ),
  section(
    'quota',
    'quotas',
    'id=uuid',
    `id=quo name workspace_id=ws token_id=tok provider_key_id=aip>aiProviderId metric period>window max mode thresholds revision
     created_at=time updated_at=time`,
  ),
  section(
    'quotaWindow',
    'quota_counters',
    'quota_id=uuid window_start=timestamptz',
    'quota_id=quo window_start=time reserved settled refused_at=time',
  ),
  section(
    'quotaReservation',
    'quota_reservations',
    'run_id=uuid',
    `run_id=run provider_key_id=aip>aiProviderId key_version provider model price input_tokens output_tokens cost_micro_usd
     expires_at=time charged_at=time`,
  ),
  section(
    'quotaHold',
    'quota_holds',
    'run_id=uuid quota_id=uuid',
    'run_id=run quota_id=quo window_start=time amount',
  ),
  section(
    'priceOverride',
    'price_overrides',
    'id=uuid',
    `id=prc provider model input_micro_usd_per_mtok output_micro_usd_per_mtok cached_input_micro_usd_per_mtok
     effective_from=time created_at=time`,
  ),
  section(
    'policy',
    'policies',
    'id=uuid',
    `id=pol name description workspace_id=ws token_id=tok severity enabled rules version created_at=time
     updated_at=time`,
  ),
  section(
    'policyVersion',
    'policy_versions',
    'policy_id=uuid version=int',
    `policy_id=pol version name description workspace_id=ws token_id=tok severity enabled rules changed_by
     changed_at=time`,
  ),
  section(
    'policyApproval',
    'policy_approvals',
    'id=uuid',
    `id=apv policy_id=pol workspace_id=ws token_id=tok reason expires_at=time created_by created_at=time
     revoked_at=time revoked_by`,
  ),
  section(
    'policyViolation',
    'policy_violations',
    'id=uuid',
    `id=vio policy_id=pol policy_name policy_version scope severity action rule_index rule_type detail workspace_id=ws
     principal_id run_id=run provider model request_id created_at=time`,
  ),
  section('auditHead', 'audit_heads', 'org_id=uuid', 'seq hash=hex'),
  section(
    'auditCheckpoint',
    'audit_checkpoints',
    'epoch=bigint',
    'epoch seq hash=hex at=time signed_by signature=hex',
  ),
];
