import { Inject, Injectable } from '@nestjs/common';
import { protocolOf } from '#lib/catalog';
import { ClavigerError } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { Scrubber, secretsOf, translatedCall, type NeutralRequest } from '#lib/providers';
import { Dialler } from '../pipeline/dialler.js';
import { RunInspection } from '../policies/run-inspection.js';
import { CLOCK } from '../tokens.js';
import { objectAt } from './body/json-walk.js';
import type { WireWork } from './call-work.js';
import { OutputJudges } from './output-judges.js';
import type { WirePlan } from './preparation.js';
import { untranslatable } from './translate/fields.js';
import { Narration } from './translate/narration.js';
import { TRANSLATIONS } from './translate/wires.js';
import type { AskedCall, WireOperation } from './wire.js';

/** A call in another protocol than its client's: read into neutral words, asked through the vendor's own client, and told back. */
@Injectable()
export class TranslateCall {
  constructor(
    private readonly dialler: Dialler,
    private readonly judges: OutputJudges,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Resolves when the whole answer was told. Throws ClavigerError. */
  async run(work: WireWork): Promise<void> {
    const { operation, asked, plan, sink, sent, client, record, credential } = work;
    const { model } = plan.choice;
    const { check, content } = plan;
    const request = translated(operation, asked, plan);
    const dialled = await this.dialler.dial({
      ...{ call: plan, check, credential, sent, runId: sink.id, signal: sink.signal, record },
      onDelay: () => undefined,
    });
    // What is sent may be longer in another protocol's words: then more of a budget is reserved first.
    const fetch = plan.budget?.fetch(dialled.fetch, sink.id, () => record.steps.map(({ usage }) => usage));
    const endpoint = { ...dialled, ...(fetch && { fetch }) };
    const scrubber = new Scrubber(secretsOf(endpoint));
    const inspection = new RunInspection(content, request.json !== undefined);
    const holds = this.judges.mustHold(plan);
    const narration = new Narration(speakerOf(work, this.clock.now()), client, asked.stream, holds);
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
}

/** Throws the name of what another protocol has no word for, before anything is opened or sent: nothing is dropped in silence. */
export function assertTranslatable(operation: WireOperation, asked: AskedCall, plan: WirePlan): void {
  const request = translated(operation, asked, plan);
  const { provider, assignment } = plan.choice;
  if (protocolOf(provider, assignment.config) !== 'gemini') return;
  // Gemini takes images in the request, or from its own store.
  const at = request.messages.findIndex(
    (message) => 'parts' in message && message.parts.some(({ type }) => type === 'imageUrl'),
  );
  if (at !== -1) untranslatable(`/messages/${at}`);
}

function translated(operation: WireOperation, asked: AskedCall, plan: WirePlan): NeutralRequest {
  if (!operation.isTranslatable) throw notTranslated(operation, plan);
  const request = TRANSLATIONS[operation.wire].read({ ...asked.body.whole(), ...plan.changed });
  return { ...request, maxOutputTokens: request.maxOutputTokens ?? plan.request.agent.maxOutputTokens };
}

function speakerOf({ operation, asked, plan, sink }: WireWork, now: Date) {
  const options = asked.body.has('stream_options') ? asked.body.value('stream_options') : undefined;
  const wantsUsage = objectAt({ options }, 'options')['include_usage'] === true;
  return TRANSLATIONS[operation.wire].speaker({ id: sink.id, model: plan.choice.model, wantsUsage, now });
}

function notTranslated({ id }: WireOperation, { choice }: WirePlan): ClavigerError {
  const detail = `The key of ${choice.provider.name} speaks another protocol, and ${id} cannot be translated into it. Use a model of a provider with this protocol, or another endpoint.`;
  return new ClavigerError('validation_failed', detail, { extras: { model: choice.model } });
}

async function all<T>(those: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const one of those) collected.push(one);
  return collected;
}
