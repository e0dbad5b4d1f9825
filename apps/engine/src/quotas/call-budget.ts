import { worstCostMicroUsd } from '#lib/catalog';
import type { ModelPrice, RunUsage, StateQuota } from '#lib/contracts';
import { addUse, inputBound, NO_USE, quotaAmount, type QuotaUse } from '#lib/limits';

/** What one quota is asked for. */
export interface QuotaClaim {
  quotaId: string;
  amount: number;
}

/** What a run holds: the most that it may use until its next request is answered, and what each quota holds of it. */
export interface Hold {
  use: QuotaUse;
  claims: QuotaClaim[];
}

export interface CallBudgetOptions {
  quotas: readonly StateQuota[];
  price: ModelPrice | null;
  hasTools: boolean;
  outputTokens: number;
  firstBytes: number;
  /** The run has waited for its caller: it was counted as a run before. */
  isContinued?: boolean;
  /** What the run used at other targets before: it stays reserved beside what it may use here. */
  usedBefore?: QuotaUse;
  /** Makes the run hold so much in place of what it held. @throws ClavigerError quota_exceeded, budget_exceeded, overloaded */
  extend: (runId: string, hold: Hold) => Promise<void>;
}

/**
 * What a run may use, by the worst case of each of its requests (CUSTODY §10). The first is reserved with the run's row; each
 * further one before it is sent, beside what the earlier ones really used.
 */
export class CallBudget {
  readonly #options: CallBudgetOptions;
  /** The worst case of each request, in their order. */
  readonly #worst: QuotaUse[] = [];
  #held: QuotaUse;

  constructor(options: CallBudgetOptions) {
    this.#options = options;
    this.#held = addUse(options.usedBefore ?? NO_USE, this.#worstOf(options.firstBytes));
  }

  /** Makes a run that is under way hold what it may need at this target in place of what it held for the one before. */
  takeOver(runId: string): Promise<void> {
    return this.#options.extend(runId, this.hold);
  }

  get hold(): Hold {
    return this.#holdOf(this.#held);
  }

  /** `call` with room reserved for each request; `finished` says what the requests that are answered used, in their order. */
  fetch(call: typeof fetch, runId: string, finished: () => readonly RunUsage[]): typeof fetch {
    return async (input, init) => {
      this.#worst.push(this.#worstOf(bytesOf(init?.body)));
      const used = finished();
      const before = this.#options.usedBefore ?? NO_USE;
      const wanted = [...used, ...this.#worst.slice(used.length)].reduce(addUse, before);
      if (!covers(this.#held, wanted)) {
        await this.#options.extend(runId, this.#holdOf(wanted));
        this.#held = wanted;
      }
      return call(input, init);
    };
  }

  #holdOf(use: QuotaUse): Hold {
    const { quotas, isContinued } = this.#options;
    const claims = quotas.map(({ id, metric }) => ({
      quotaId: id,
      amount: metric === 'runs' && isContinued ? 0 : quotaAmount(metric, use),
    }));
    return { use, claims };
  }

  #worstOf(bytes: number): QuotaUse {
    const { price, hasTools, outputTokens } = this.#options;
    const inputTokens = inputBound(bytes, hasTools);
    const cost = worstCostMicroUsd(price, { inputTokens, outputTokens });
    return { inputTokens, outputTokens, costMicroUsd: cost };
  }
}

function covers(held: QuotaUse, wanted: QuotaUse): boolean {
  return (
    held.inputTokens >= wanted.inputTokens &&
    held.outputTokens >= wanted.outputTokens &&
    (held.costMicroUsd ?? 0) >= (wanted.costMicroUsd ?? 0)
  );
}

/** A body of unknown form counts as nothing more than was reserved: all that model clients send are texts. */
function bytesOf(body: unknown): number {
  if (typeof body === 'string') return Buffer.byteLength(body, 'utf8');
  return body instanceof Uint8Array ? body.byteLength : 0;
}
