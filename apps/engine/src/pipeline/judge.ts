import { Injectable } from '@nestjs/common';
import { modelRecord } from '#lib/catalog';
import { SendState } from '#lib/egress';
import { ClavigerError, type AuthorisedState, type SealedCredential } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import { parseJudgeAnswer, type Direction, type JudgeRule } from '#lib/limits';
import { runAgentLoop, Scrubber, secretsOf } from '#lib/providers';
import { KeyLeases } from '../keys/key-lease.js';
import type { JudgeCharge } from '../quotas/judge-charge.store.js';
import { RateGate } from '../rates/rate-gate.js';
import type { CallPlan } from './call-plan.js';
import { CatalogueSource } from './catalogue-source.js';
import type { Choice } from './decide.js';
import { Dialler, type Dialling } from './dialler.js';
import { JudgeBill } from './judge-bill.js';
import { assertJudges, judgeAgent, judgeKey, JUDGE_WITHIN_MS } from './judge-call.js';
import { RunRecord } from './run-record.js';

/** What came of a question; `failed`: why there is no answer that counts, without a word of anybody else's. */
export type Judgement = 'respects' | 'violates' | { failed: string };

export interface JudgeQuestion {
  plan: CallPlan;
  rule: JudgeRule;
  on: Direction;
  text: string;
  runId: string;
  signal: AbortSignal;
}

/**
 * Asks the model that the organization assigned to a policy. The same way as any call: gates, fence, lease, guarded dialling, rates of
 * the key, quotas, a receipt of its own. Nothing is asked twice.
 */
@Injectable()
export class Judge {
  constructor(
    private readonly leases: KeyLeases,
    private readonly dialler: Dialler,
    private readonly rates: RateGate,
    private readonly bill: JudgeBill,
    private readonly catalogues: CatalogueSource,
  ) {}

  /** Throws what ends the run itself (its signal, its fence); every other failure is an answer. */
  async ask(question: JudgeQuestion): Promise<Judgement> {
    const { plan, signal } = question;
    let ended: unknown;
    const check = (now: AuthorisedState): void => {
      try {
        plan.check(now);
      } catch (error) {
        ended = error;
        throw error;
      }
      this.#assertJudges(now, question.rule);
    };
    try {
      const answer = parseJudgeAnswer(await this.#answer(question, check));
      if (!answer.ok) return { failed: answer.failure };
      return answer.violates ? 'violates' : 'respects';
    } catch (error) {
      signal.throwIfAborted();
      if (ended !== undefined) throw ended;
      return { failed: asClavigerError(error).code };
    }
  }

  async #answer({ plan, rule, on, text, runId, signal: ends }: JudgeQuestion, check: Dialling['check']) {
    const { state } = plan;
    this.#assertJudges(state, rule);
    const choice = this.#choice(state, rule);
    const request = { ...plan.request, agent: judgeAgent(rule, on, text) };
    const signal = AbortSignal.any([ends, AbortSignal.timeout(JUDGE_WITHIN_MS)]);
    const rates = await this.rates.admit(request, state, choice, 'judge');
    const call = { request, choice, rates, mark: plan.mark };
    const record = new RunRecord(choice.modelInfo.price, this.dialler.tellerOf(request, choice, runId));
    const sent = new SendState();
    const asked = { plan: { ...call, retention: plan.retention }, runId, record, sent, latencyMs: 0 };
    let charge: JudgeCharge | null = null;
    let error: ClavigerError | null = null;
    try {
      const ask = (credential: SealedCredential): Promise<string> =>
        this.#said(
          { call, check, credential, sent, runId, signal, record, onDelay: () => undefined },
          record,
        );
      charge = await this.bill.open(call, state, runId);
      return await this.leases.use(request.caller.orgId, choice.assignment, ask);
    } catch (thrown) {
      throw (error = signal.aborted && !ends.aborted ? tooSlow() : asClavigerError(thrown));
    } finally {
      rates.end();
      await this.bill.close(charge, { ...asked, error });
    }
  }

  async #said(dialling: Dialling, record: RunRecord): Promise<string> {
    const { request, choice, rates } = dialling.call;
    const { system, messages, maxOutputTokens } = request.agent;
    const endpoint = await this.dialler.dial(dialling);
    const scrubber = new Scrubber(secretsOf(endpoint));
    const asked = { system, messages, maxOutputTokens, maxSteps: 1, signal: dialling.signal };
    for await (const event of runAgentLoop({ endpoint, model: choice.model, ...asked, scrubber })) {
      if (event.type === 'step.started') record.startStep(event.step);
      if (event.type === 'text.delta') record.addReceived(event.delta.length);
      if (event.type === 'step.finished') {
        rates.settle(event.usage.totalTokens);
        record.finishStep(event.finishReason, event.usage, event.upstreamRequestId, event.model);
      }
      if (event.type === 'finished') return event.text;
    }
    return '';
  }

  #assertJudges(state: AuthorisedState, rule: JudgeRule): void {
    assertJudges(state, this.catalogues.current, rule, this.dialler.now());
  }

  #choice(state: AuthorisedState, { aiProviderId, model }: JudgeRule): Choice {
    const assignment = judgeKey(state, aiProviderId);
    const provider = assignment && this.catalogues.current.provider(assignment.provider);
    if (!assignment || !provider) throw new ClavigerError('no_provider_key', 'The judge has no key.');
    const modelInfo = modelRecord(this.catalogues.current, provider.slug, model);
    return { assignment, provider, model, modelInfo, lifecycle: modelInfo.lifecycle, step: 1 };
  }
}

function tooSlow(): ClavigerError {
  return new ClavigerError('upstream_timeout', `The judge did not answer within ${JUDGE_WITHIN_MS} ms.`);
}
