import { Injectable } from '@nestjs/common';
import type { AgentRunAnswer, ClavigerError } from '#lib/contracts';
import type { CallPlan } from '../pipeline/call-plan.js';
import type { Claim } from '../run-queue/claim.js';
import type { KeptRequest } from '../run-queue/kept-request.js';
import type { RunHandle } from './run-handle.js';
import { RunLedger } from './run-ledger.js';
import { runProblem, statusFor } from './run-problem.js';
import { RunReceipts } from './run-receipts.js';
import { NOTHING_YET, type StoredResult } from './run-row.js';
import { RunTeller } from './run-teller.js';

/** Who asked for a run that nobody could begin, as its row has it. */
export interface RefusedRun {
  asked: Pick<KeptRequest, 'requestId' | 'instance'>;
  principalId: string;
  /** What was done of it before. */
  before: StoredResult | null;
}

/** The beginnings and ends of queued runs that are told beside their rows. */
@Injectable()
export class RunEnds {
  constructor(
    private readonly ledger: RunLedger,
    private readonly receipts: RunReceipts,
    private readonly teller: RunTeller,
  ) {}

  begun(plan: Pick<CallPlan, 'request' | 'noted'>, runId: string): void {
    this.receipts.begun(plan, runId);
  }

  /** Ends a claimed run of which nothing was sent, by the name of what refused it. */
  async refuse(claim: Claim, run: RefusedRun, handle: RunHandle, refusal: ClavigerError): Promise<void> {
    const { orgId, workspaceId, runId, fence } = claim;
    const { requestId, instance } = run.asked;
    const request = { requestId, caller: { orgId, workspaceId, actor: run.principalId } };
    try {
      await this.receipts.refused(request, refusal, runId);
    } catch (error) {
      this.teller.unwritten(runId, 1, error);
    }
    const answer: AgentRunAnswer = {
      ...{ id: runId, status: statusFor(refusal), ...(run.before ?? NOTHING_YET) },
      error: runProblem(refusal, runId, requestId, instance),
    };
    // A claim has a fence: how much of it is kept is asked of the policies as it is written.
    if (!(await this.ledger.finish(orgId, answer, 'full', [], fence))) return handle.pass();
    this.receipts.receipt({ request }, answer);
    handle.end(answer);
  }
}
