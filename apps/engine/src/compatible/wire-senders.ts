import { Injectable } from '@nestjs/common';
import { protocolOf } from '#lib/catalog';
import type { ModelOperation } from '#lib/telemetry';
import { Spans } from '../spans/spans.js';
import type { WireWork } from './call-work.js';
import { OutputJudges } from './output-judges.js';
import { RelayCall } from './relay-call.js';
import { TranslateCall } from './translate-call.js';
import type { WirePlan } from './preparation.js';
import type { WireOperation } from './wire.js';

/** Operations whose spans are called otherwise than `chat` when they are relayed. */
const NAMES: Readonly<Record<string, ModelOperation>> = {
  'openai.embeddings': 'embeddings',
  'gemini.generateContent': 'generate_content',
  'gemini.streamGenerateContent': 'generate_content',
  'gemini.embedContent': 'embeddings',
  'gemini.batchEmbedContents': 'embeddings',
};

/** How a call gets to its provider: as it came, or translated. */
@Injectable()
export class WireSenders {
  constructor(
    private readonly relay: RelayCall,
    private readonly translation: TranslateCall,
    private readonly judges: OutputJudges,
    private readonly spans: Spans,
  ) {}

  /** Who is told of the call: its span. A count of tokens has none; why a relayed answer ended is not read. */
  tellerOf({ operation, plan }: Pick<WireWork, 'operation' | 'plan'>, runId: string) {
    if (!operation.isMetered) return undefined;
    const isRead = !isSameWire(operation, plan);
    const relayed = NAMES[operation.id] ?? 'chat';
    const name = isRead && relayed !== 'embeddings' ? 'chat' : relayed;
    return this.spans.tellerOf(plan.request, plan.choice, runId, { name, tellsReason: isRead });
  }

  judgeInput(work: Omit<WireWork, 'credential'>): Promise<void> {
    return this.judges.judgeInput(work);
  }

  send(work: WireWork): Promise<void> {
    return isSameWire(work.operation, work.plan) ? this.relay.run(work) : this.translation.run(work);
  }
}

/** Whether the key's provider speaks the client's protocol, at addresses that follow from its base URL. */
export function isSameWire({ wire, providers }: WireOperation, { choice }: WirePlan): boolean {
  const { provider, assignment } = choice;
  if (providers && !providers.has(provider.slug)) return false;
  // Vertex speaks Gemini's wire under another authorisation and, for some models, another protocol.
  return (
    protocolOf(provider, assignment.config) === wire && provider.credential.kind !== 'service_account_or_key'
  );
}
