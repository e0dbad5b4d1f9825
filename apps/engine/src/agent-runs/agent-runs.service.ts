import { Injectable } from '@nestjs/common';
import { coversRow } from '#lib/access';
import { ClavigerError, notFound } from '#lib/contracts';
import { asClavigerError, decodeCursor, toPage, type Page } from '#lib/http';
import { equalBytes, fromUuid, isId } from '#lib/kernel';
import type { Caller } from '../access/caller.js';
import { RunAcceptance } from '../run-queue/run-acceptance.js';
import { within } from '../within.js';
import type { ListAgentRunsQuery } from './agent-runs.dto.js';
import { AgentRunsStore, type RunFilter } from './agent-runs.store.js';
import { Beginnings } from './beginnings.js';
import { LiveRuns } from './live-runs.js';
import { RunConductor } from './run-conductor.js';
import { RunWaiter } from './run-waiter.js';
import { answerOf, isOver, listedRun, type FetchedRun, type ListedRun, type RunRow } from './run-row.js';
import type { StartedRun, StartRun } from './start-run.js';

/** How long a refused caller waits for whether its node execution has a run already, in milliseconds. */
const LOOK_WITHIN_MS = 2_000;

/** How a run is looked at. */
export interface GetRun {
  waitSeconds: number;
  /** Whether what it was asked is told as well. */
  withRequest: boolean;
}

/** Starts runs, or joins the one that a node execution has already (PRODUCT #38). */
@Injectable()
export class AgentRunsService {
  readonly #beginnings = new Beginnings();

  constructor(
    private readonly acceptance: RunAcceptance,
    private readonly store: AgentRunsStore,
    private readonly live: LiveRuns,
    private readonly conductor: RunConductor,
    private readonly waiter: RunWaiter,
  ) {}

  /**
   * Starts the run that `start` asks for. An equal post joins the run of its node execution, even one that would be refused by now:
   * its answer was given. Another body → `idempotency_mismatch`; whatever a gate refuses → that gate's named error.
   */
  async start(start: StartRun): Promise<StartedRun> {
    this.live.assertOpen();
    const node = `${start.call.caller.workspaceId} ${start.nodeExecutionId}`;
    if (await this.#beginnings.over(node)) {
      const taken = await this.#taken(start, new Error('late')).catch(() => null);
      if (taken) return this.#join(taken, start);
    }
    try {
      return await this.#beginnings.during(node, () => this.#begin(start));
    } catch (refusal) {
      const taken = await this.#taken(start, asClavigerError(refusal));
      if (!taken) {
        await this.conductor.refused(start.call, refusal);
        throw refusal;
      }
      return this.#join(taken, start);
    }
  }

  /** The run that the node execution has. A database that is slow, too, must not keep a refusal from its caller: `late` is thrown then. */
  #taken({ call, nodeExecutionId }: StartRun, late: Error): Promise<RunRow | null> {
    const { orgId, workspaceId } = call.caller;
    const looking = this.store.findByNode(orgId, workspaceId, nodeExecutionId);
    return within(looking, LOOK_WITHIN_MS, () => late);
  }

  /** A run that nobody waits for waits for its turn, if what it was asked may be kept that long; any other begins here and now. */
  async #begin(start: StartRun): Promise<StartedRun> {
    const accepted = start.mode === 'async' ? await this.acceptance.accept(start) : null;
    if (accepted) {
      return accepted.taken
        ? this.#join(accepted.taken, start)
        : { kind: 'elsewhere', runId: accepted.runId };
    }
    const plan = await this.acceptance.prepare(start.call);
    const begun = await this.conductor.begin(plan, start);
    return begun.taken ? this.#join(begun.taken, start) : { kind: 'here', handle: begun.handle };
  }

  #join(row: RunRow, start: StartRun): StartedRun {
    if (!equalBytes(row.request_hash, start.requestHash)) throw otherBody(fromUuid('run', row.id));
    if (isOver(row.status)) return { kind: 'over', answer: answerOf(row) };
    const runId = fromUuid('run', row.id);
    const handle = this.live.get(runId);
    return handle ? { kind: 'here', handle } : { kind: 'elsewhere', runId };
  }

  /** A run of the caller's workspace, after waiting up to `waitSeconds` for its end. */
  async get(caller: Caller, id: string, { waitSeconds, withRequest }: GetRun): Promise<FetchedRun> {
    if (!isId('run', id)) throw notFound();
    const answer = await this.waiter.watched(caller, id, waitSeconds * 1_000);
    if (!withRequest) return answer;
    // Read last: a run that ended under a stricter policy has none by now.
    return { ...answer, request: await this.store.asked(caller.orgId, caller.workspaceId, id) };
  }

  async list(caller: Caller, query: ListAgentRunsQuery): Promise<Page<ListedRun>> {
    const { limit, cursor, status, nodeExecutionId, workflowId, model, from, to } = query;
    const only = { status, nodeExecutionId, workflowId, model, from, to };
    const rows = await this.#covered(caller, { ...only, after: decodeCursor(cursor), limit });
    return toPage(rows, limit, (row) => row.id, listedRun);
  }

  /** Up to `limit + 1` rows that the caller's permission document covers: pages stay full though some are left out. */
  async #covered({ orgId, workspaceId, principal }: Caller, filter: RunFilter): Promise<RunRow[]> {
    const covered: RunRow[] = [];
    for (let { after } = filter; ;) {
      const rows = await this.store.list(orgId, workspaceId, { ...filter, after });
      covered.push(
        ...rows.filter(({ id }) =>
          coversRow(principal, 'agentRuns:ListAgentRuns', workspaceId, fromUuid('run', id)),
        ),
      );
      if (rows.length <= filter.limit || covered.length > filter.limit)
        return covered.slice(0, filter.limit + 1);
      after = rows.at(-1)?.id;
    }
  }
}

function otherBody(runId: string): ClavigerError {
  return new ClavigerError(
    'idempotency_mismatch',
    `The node execution has a run already (${runId}), for another body. Send the same body to get its answer, or another nodeExecutionId to start anew.`,
    { extras: { runId } },
  );
}
