import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#lib/kernel';
import { countedTokens, Scrubber, secretsOf, translatedCall, translatedEmbeddings } from '#lib/providers';
import type { NeutralRequest } from '#lib/providers';
import { NO_TOKENS } from '../pipeline/cost.js';
import { Dialler } from '../pipeline/dialler.js';
import type { CallEndpoint } from '../pipeline/endpoint.js';
import { tokensIn } from '../pipeline/estimate.js';
import { RunInspection } from '../policies/run-inspection.js';
import { CLOCK } from '../tokens.js';
import { objectAt, type Json } from './body/json-walk.js';
import type { WireWork } from './call-work.js';
import { OutputJudges } from './output-judges.js';
import type { AskedEmbeddings } from './translate/from-embeddings.js';
import { JSON_TYPE, Narration } from './translate/narration.js';
import type { Speaker } from './translate/speaker.js';
import { embeddingsAnswer } from './translate/to-embeddings.js';
import { translatedBody, translationOf } from './translate/translatable.js';
import type { Translation } from './translate/wires.js';

export { assertTranslatable } from './translate/translatable.js';

/** A call in another protocol than its client's: read into neutral words, asked through the vendor's own client, and told back. */
@Injectable()
export class TranslateCall {
  constructor(
    private readonly dialler: Dialler,
    private readonly judges: OutputJudges,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Resolves when the whole answer was told. Throws ClavigerError. */
  run(work: WireWork): Promise<void> {
    const translation = translationOf(work.operation, work.plan);
    const body = translatedBody(work.asked, work.plan);
    switch (translation.kind) {
      case 'words': {
        const read = translation.read(body);
        const ended = read.maxOutputTokens ?? work.plan.request.agent.maxOutputTokens;
        return this.#words(work, { ...read, maxOutputTokens: ended }, this.#speaker(work, translation, body));
      }
      case 'vectors':
        return this.#vectors(work, translation.read(body));
      case 'count':
        return this.#count(work, translation.read(body));
    }
  }

  async #words(work: WireWork, request: NeutralRequest, speaker: Speaker): Promise<void> {
    const { asked, plan, sink, client, record } = work;
    const { model } = plan.choice;
    const { endpoint, scrubber } = await this.#dial(work);
    const inspection = new RunInspection(plan.content, request.json !== undefined);
    const holds = this.judges.mustHold(plan);
    const narration = new Narration(speaker, client, asked.stream, holds);
    work.known = () => narration.known(asked.body.bytes.length);
    record.startStep(1);
    const step = { step: 1 };
    try {
      narration.tell(await all(inspection.told({ type: 'step.started', ...step })));
      for await (const event of translatedCall({ endpoint, model, request, scrubber, signal: sink.signal })) {
        if (event.type === 'text') {
          narration.received(event.delta.length);
          narration.tell(await all(inspection.told({ type: 'text.delta', ...step, delta: event.delta })));
          // The next piece is not asked for before the client has room: what it does not read, we need not keep.
          await client.taken(sink.signal);
        } else if (event.type === 'toolCall') {
          // What was said before it is told before it.
          narration.tell(await all(inspection.rest()));
          const { id: toolCallId, name, input } = event;
          narration.tell(await all(inspection.told({ type: 'tool.call', ...step, toolCallId, name, input })));
        } else {
          narration.tell(await all(inspection.rest()));
          plan.rates.settle(event.usage.totalTokens);
          record.finishStep(event.reason, event.usage, event.upstreamRequestId, event.model);
          if (holds) await this.judges.judge(work, narration.said);
          narration.end(event.reason, event.usage);
        }
      }
    } finally {
      work.noted.push(...inspection.noted());
    }
  }

  /** Each batch is a call of its own, with a receipt of its own. What its vendor does not count is counted by its length. */
  async #vectors(work: WireWork, { texts, dimensions, asBase64 }: AskedEmbeddings): Promise<void> {
    const { plan, sink, client, record } = work;
    const { model } = plan.choice;
    const { endpoint, scrubber } = await this.#dial(work);
    const { signal } = sink;
    const vectors: number[][] = [];
    const tokensFrom = (from: number, to?: number) => tokensIn(bytesOf(texts.slice(from, to)));
    work.known = () => ({ ...NO_TOKENS, inputTokens: tokensFrom(vectors.length) });
    record.startStep(1);
    for await (const batch of translatedEmbeddings({
      endpoint,
      model,
      texts,
      dimensions,
      scrubber,
      signal,
    })) {
      const end = vectors.length + batch.vectors.length;
      const inputTokens = batch.inputTokens ?? tokensFrom(vectors.length, end);
      vectors.push(...batch.vectors);
      plan.rates.settle(inputTokens);
      record.finishStep('stop', { ...NO_TOKENS, inputTokens }, batch.upstreamRequestId);
      if (end < texts.length) record.startStep(record.steps.length + 1);
    }
    const tokens = record.usage.inputTokens;
    client.send(200, JSON_TYPE, bytesIn(embeddingsAnswer(vectors, { model, tokens, asBase64 })));
  }

  async #count(work: WireWork, request: NeutralRequest): Promise<void> {
    const { plan, sink, client } = work;
    const { model } = plan.choice;
    const { endpoint, scrubber } = await this.#dial(work);
    const call = { endpoint, model, request, scrubber, signal: sink.signal };
    const answer = { input_tokens: await countedTokens(call) };
    plan.rates.settle(0);
    client.send(200, JSON_TYPE, bytesIn(answer));
  }

  async #dial(work: WireWork): Promise<{ endpoint: CallEndpoint; scrubber: Scrubber }> {
    const { plan, sink, sent, record, credential } = work;
    const { check } = plan;
    const dialled = await this.dialler.dial({
      ...{ call: plan, check, credential, sent, runId: sink.id, signal: sink.signal, record },
      onDelay: () => undefined,
    });
    // What is sent may be longer in another protocol's words: then more of a budget is reserved first.
    const fetch = plan.budget?.fetch(dialled.fetch, sink.id, () => record.steps.map(({ usage }) => usage));
    const endpoint = { ...dialled, ...(fetch && { fetch }) };
    return { endpoint, scrubber: new Scrubber(secretsOf(endpoint)) };
  }

  #speaker(
    { asked, plan, sink }: WireWork,
    { speaker }: Translation & { kind: 'words' },
    body: Json,
  ): Speaker {
    const options = asked.body.has('stream_options') ? asked.body.value('stream_options') : undefined;
    const wantsUsage = objectAt({ options }, 'options')['include_usage'] === true;
    return speaker({ id: sink.id, model: plan.choice.model, wantsUsage, now: this.clock.now(), body });
  }
}

function bytesIn(answer: object): Buffer {
  return Buffer.from(JSON.stringify(answer), 'utf8');
}

function bytesOf(texts: string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

async function all<T>(those: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const one of those) collected.push(one);
  return collected;
}
