import { Injectable } from '@nestjs/common';
import type { RawExchange } from '#lib/http';
import type { CallRequest } from '../pipeline/call-plan.js';
import { userIn } from './body/asked-fields.js';
import { JsonMembers } from './body/json-members.js';
import type { Entered } from './entrance.js';
import { WirePreparation, type WirePlan } from './preparation.js';
import { rateHeaders } from './rate-headers.js';
import type { ClientAnswer } from './relay/client-answer.js';
import { assertTranslatable } from './translate-call.js';
import type { AskedCall, WireOperation } from './wire.js';
import { WireConductor } from './wire-conductor.js';
import { WireLedger } from './wire-ledger.js';
import { WireReceipts } from './wire-receipts.js';
import { isSameWire } from './wire-senders.js';

/** The longest that a call may take; the vendors' clients wait as long unless told otherwise. */
const TIMEOUT_MS = 600_000;

export interface WireRequest {
  exchange: RawExchange;
  body: Buffer;
  operation: WireOperation;
  entered: Entered;
  client: ClientAnswer;
  params: Readonly<Record<string, string>>;
}

/** One call of a compatible endpoint, from its body to its receipt. Throws ClavigerError for the client to be told. */
@Injectable()
export class CompatibleCalls {
  constructor(
    private readonly preparation: WirePreparation,
    private readonly ledger: WireLedger,
    private readonly conductor: WireConductor,
    private readonly receipts: WireReceipts,
  ) {}

  async serve({ exchange, body, operation, entered, client, params }: WireRequest): Promise<void> {
    const asked = operation.read(new JsonMembers(body), params);
    const call = callRequest(exchange, entered, userIn(asked.body));
    const plan = await this.#prepare(operation, asked, call);
    const { assignment, provider, model } = plan.choice;
    client.set('claviger-key-id', assignment.aiProviderId, 'claviger-provider', provider.slug);
    client.set('claviger-model', printable(model));
    const handle = await this.#begin(plan);
    exchange.isTold = true;
    client.set('claviger-run-id', handle.id, ...rateHeaders());
    await this.conductor.conduct(
      { operation, asked, plan, client, headers: passed(exchange.request, operation) },
      handle,
    );
  }

  async #prepare(operation: WireOperation, asked: AskedCall, call: CallRequest): Promise<WirePlan> {
    let plan: WirePlan | undefined;
    try {
      plan = await this.preparation.prepare(asked, call, operation.isMetered);
      if (!isSameWire(operation, plan)) assertTranslatable(operation, asked, plan);
      return plan;
    } catch (error) {
      plan?.rates.end();
      await this.receipts.refused(call, error);
      throw error;
    }
  }

  async #begin(plan: WirePlan) {
    try {
      const handle = await this.ledger.begin(plan);
      this.receipts.begun(plan, handle.id);
      return handle;
    } catch (error) {
      plan.rates.end();
      throw error;
    }
  }
}

function callRequest(
  exchange: RawExchange,
  { caller, stateKey }: Entered,
  userId: string | null,
): CallRequest {
  return {
    stateKey,
    caller,
    agent: { messages: [], tools: [], toolChoice: 'auto', maxSteps: 1, timeoutMs: TIMEOUT_MS },
    requestId: exchange.id,
    instance: exchange.path,
    userId,
    workflowId: null,
    trace: exchange.store.trace,
  };
}

/** What the vendor's client says beside its body, by the list of the operation. */
function passed(
  { headers }: RawExchange['request'],
  { passedHeaders }: WireOperation,
): Record<string, string> {
  const found = [...passedHeaders, 'accept'].flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' && /^[\x20-\x7e]*$/.test(value) ? [[name, value] as const] : [];
  });
  return Object.fromEntries(found);
}

function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '?');
}
