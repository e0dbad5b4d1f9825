import { Inject, Injectable } from '@nestjs/common';
import { can, coversRow, type Principal } from '#lib/access';
import type { Permission, PolicyRule, PolicySeverity, ViolationAction } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { TenantDb } from '#lib/persistence';
import { CLOCK } from '../../common/tokens.js';
import { dryRun, readsAnswers } from './dry-run.js';
import { PolicyInput } from './policy-input.js';
import type { DryRunDto, DryRunResultDto } from './policy-records.dto.js';
import { RecentRunsRepository, type RecentCall } from './recent-runs.repository.js';

const DAYS_BACK = 7;
const MOST_RUNS = 5_000;
const ACTIONS = { LOW: 'logged', MEDIUM: 'alerted', HIGH: 'blocked' } as const;

const GET_RUN: Permission = 'agentRuns:GetAgentRun';

/** What would have come of a broken rule. Rules that only look or redact refuse nothing at any severity. */
function actionOf(severity: PolicySeverity, rules: readonly PolicyRule[]): ViolationAction {
  const refuses = rules.some((rule) => !('action' in rule) || rule.action === 'block');
  return severity === 'HIGH' && !refuses ? 'alerted' : ACTIONS[severity];
}

/** Whether the caller may know what is asked of a call; `reads`: of its answer too, which is to read the run, piece by piece. */
function mayBeTold(principal: Principal, { workspaceId, runId }: RecentCall, reads: boolean): boolean {
  if (!coversRow(principal, 'policies:DryRunPolicy', principal.orgId, workspaceId, runId)) return false;
  return !reads || (can(principal, GET_RUN) && coversRow(principal, GET_RUN, workspaceId, runId));
}

function runsOf(calls: readonly RecentCall[]): string[] {
  return [...new Set(calls.map(({ runId }) => runId))];
}

/** Which recent calls a policy would have met that is not there yet (PRODUCT #49). Changes nothing. */
@Injectable()
export class DryRunService {
  constructor(
    private readonly db: TenantDb,
    private readonly recent: RecentRunsRepository,
    private readonly input: PolicyInput,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async run(principal: Principal, sent: DryRunDto): Promise<DryRunResultDto> {
    const { orgId } = principal;
    const since = sent.since
      ? new Date(sent.since)
      : new Date(this.clock.now().getTime() - DAYS_BACK * 86_400_000);
    const { rules, calls, answers, found } = await this.db.withOrg(orgId, async (tx) => {
      const scope = await this.input.scope(tx, orgId, sent.scope);
      const rules = await this.input.rules(tx, orgId, sent.rules);
      const reads = rules.some(readsAnswers);
      const all = await this.recent.since(tx, orgId, scope, since, MOST_RUNS);
      const calls = all.filter((call) => mayBeTold(principal, call, reads));
      const answers = reads ? await this.recent.answers(tx, orgId, runsOf(calls)) : new Map<string, never>();
      return { rules, calls, answers, found: runsOf(all).length };
    });
    // Without a transaction: the answers are read in turns with everything else.
    const figures = await dryRun(rules, calls, answers);
    return {
      since: since.toISOString(),
      action: actionOf(sent.severity, rules),
      runs: figures.runs,
      notLookedAt: found - figures.runs,
      truncated: found === MOST_RUNS,
      matched: figures.matched,
      rules: figures.rules.map((counts, index) => ({ index, type: rules[index]!.type, ...counts })),
      samples: figures.samples.map(({ call, ruleIndex, fault }) => ({
        runId: call.runId,
        workspaceId: call.workspaceId,
        at: call.at.toISOString(),
        provider: call.provider,
        model: call.model,
        ruleIndex,
        detail: `The call ${fault}.`,
      })),
    };
  }
}
