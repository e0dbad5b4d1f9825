import { Inject, Injectable } from '@nestjs/common';
import type { AgentRunAnswer } from '#lib/contracts';
import { LOGGER, Metrics, type Logger } from '#lib/telemetry';

/** What the operator hears of the ends of runs. */
@Injectable()
export class RunTeller {
  constructor(
    @Inject(LOGGER) private readonly log: Logger,
    private readonly metrics: Metrics,
  ) {}

  ended({ id, status, error, served, usage }: AgentRunAnswer): void {
    this.metrics.agentRun(error?.code ?? status);
    const { inputTokens, outputTokens, costMicroUsd } = usage;
    const key = { aiProviderId: served?.aiProviderId, provider: served?.provider, model: served?.model };
    const fields = { runId: id, status, code: error?.code, ...key, inputTokens, outputTokens, costMicroUsd };
    this.log.info(fields, 'run ended');
  }

  unwritten(runId: string, attempt: number, error: unknown): void {
    this.log.warn({ runId, attempt, err: error }, 'the end of a run could not be written');
  }

  /** What should never happen to a run: it ends by the name of `internal`. */
  brokeOff(runId: string, error: unknown): void {
    this.log.error({ runId, err: error }, 'a run broke off');
  }

  /** A queued run that goes back to the queue: of this attempt nothing has left. */
  putBack(runId: string, error: unknown): void {
    this.log.info({ runId, err: error }, 'a queued run was put back');
  }
}
