import { Injectable } from '@nestjs/common';
import { protocolOf } from '#lib/catalog';
import type { WireWork } from './call-work.js';
import { OutputJudges } from './output-judges.js';
import { RelayCall } from './relay-call.js';
import { TranslateCall } from './translate-call.js';
import type { WirePlan } from './preparation.js';
import type { WireOperation } from './wire.js';

/** How a call gets to its provider: as it came, or translated. */
@Injectable()
export class WireSenders {
  constructor(
    private readonly relay: RelayCall,
    private readonly translation: TranslateCall,
    private readonly judges: OutputJudges,
  ) {}

  judgeInput(work: Omit<WireWork, 'credential'>): Promise<void> {
    return this.judges.judgeInput(work);
  }

  send(work: WireWork): Promise<void> {
    return isSameWire(work.operation, work.plan) ? this.relay.run(work) : this.translation.run(work);
  }
}

/** Whether the key's provider speaks the client's protocol, at addresses that follow from its base URL. */
export function isSameWire({ wire }: WireOperation, { choice }: WirePlan): boolean {
  const { provider, assignment } = choice;
  // Vertex speaks Gemini's wire under another authorisation and, for some models, another protocol.
  return (
    protocolOf(provider, assignment.config) === wire && provider.credential.kind !== 'service_account_or_key'
  );
}
