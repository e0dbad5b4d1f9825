import { Injectable } from '@nestjs/common';
import { guardedDispatch } from '#lib/egress';
import { authHeaders, Scrubber, secretsOf } from '#lib/providers';
import { Dialler } from '../pipeline/dialler.js';
import { OutputJudges } from './output-judges.js';
import type { WireWork } from './call-work.js';
import { AnswerReader } from './relay/answer-reader.js';
import { AnswerRelay } from './relay/answer-relay.js';
import { upstreamRefusal } from './upstream-refusal.js';

/** A call in the protocol of its key's provider: its bytes go through. */
@Injectable()
export class RelayCall {
  constructor(
    private readonly dialler: Dialler,
    private readonly judges: OutputJudges,
  ) {}

  /** Resolves when the whole answer was told. Throws ClavigerError. */
  async run(work: WireWork): Promise<void> {
    const { operation, asked, plan, sink, sent, client, record } = work;
    const { model, provider } = plan.choice;
    const { check } = plan;
    const endpoint = this.dialler.way({
      ...{ call: plan, check, credential: work.credential, sent, runId: sink.id },
    });
    const usage = operation.usage();
    const body = bodyOf(work);
    work.known = () => usage.known(body.length);
    const holds = this.judges.mustHold(plan);
    const scrubber = new Scrubber(secretsOf(endpoint));
    const reader = new AnswerReader({ operation, asked, scrubber, content: plan.content, usage, holds });
    const relay = new AnswerRelay(reader, client, (text) => this.judges.judge(work, text));
    record.callBegins();
    record.startStep(1);
    if (!plan.rates.readyAtHand()) await plan.rates.ready(sink.signal);
    if (sink.abortedFor) throw sink.abortedFor;
    const headers = {
      ...work.headers,
      ...endpoint.headers,
      ...authHeaders(endpoint),
      'content-type': 'application/json',
    };
    const url = endpoint.baseUrl + operation.upstreamPath(model, asked);
    relay.control = guardedDispatch(endpoint.way, { url, method: 'POST', headers, body }, relay);
    sink.onAbort((reason) => relay.control?.abort(reason));
    try {
      const answer = await relay.done;
      if (answer.refused !== null) throw upstreamRefusal(provider.slug, answer);
      const used = { ...usage.known(body.length), ...usage.reported() };
      plan.rates.settle(used.inputTokens + used.outputTokens);
      const answered = usage.model === null ? null : scrubber.text(usage.model);
      record.finishStep('stop', used, relay.upstreamRequestId, answered);
    } finally {
      sink.onAbort(undefined);
      work.noted.push(...reader.tally.noted());
    }
  }
}

function bodyOf({ operation, asked, plan }: WireWork): Buffer {
  const { model, provider } = plan.choice;
  const named = asked.maxOutputTokens === null && asked.answers > 0;
  const maxOutputTokens = named ? (plan.request.agent.maxOutputTokens ?? null) : null;
  return operation.upstreamBody(asked, {
    model,
    provider: provider.slug,
    maxOutputTokens,
    changed: plan.changed,
  });
}
