import { ClavigerError, type AuthorisedState, type StateSealed } from '#lib/contracts';
import { Scrubber } from '#lib/providers';
import type { GateCheck } from '../keys/fence.js';
import type { KeyLeases } from '../keys/key-lease.js';
import type { StateCache } from '../keys/state-cache.js';
import type { CallRequest } from '../pipeline/call-plan.js';

/** How often a call is begun anew because what it carries was replaced right before it was sent. */
const ATTEMPTS = 3;

/**
 * What the tools of a run carry. Opened for each request anew, at the version that the organization has by the newest state: a run that
 * began before a rotation does not go on with what was rotated away (CUSTODY §4).
 */
export class CarriedSecrets {
  readonly #known = new Set<string>();
  #scrubber = new Scrubber([]);

  constructor(
    private readonly leases: Pick<KeyLeases, 'use'>,
    private readonly states: Pick<StateCache, 'get' | 'peek'>,
    private readonly request: Pick<CallRequest, 'stateKey' | 'caller'>,
  ) {}

  /** All that was opened so far, every version: nothing of it may be told to anybody. */
  get known(): string[] {
    return [...this.#known];
  }

  /** Takes out what is known by now. */
  get scrubber(): Scrubber {
    return this.#scrubber;
  }

  /**
   * Lends the values of these secrets, by id. `still` is for the fence: it throws where one was replaced since, and `fn` is called anew
   * with the new one. Throws not_found by the name of one that is gone, kms_unavailable.
   */
  async use<T>(
    began: readonly StateSealed[],
    fn: (values: ReadonlyMap<string, string>, still: GateCheck) => Promise<T>,
  ): Promise<T> {
    const { stateKey } = this.request;
    for (let attempt = 1; ; attempt += 1) {
      const state = this.states.peek(stateKey) ?? (await this.states.get(stateKey));
      const now = onceEach(began).map((one) => currentOf(state, one));
      let isReplaced = false;
      const still: GateCheck = (newest) => {
        const other = now.find((one) => currentOf(newest, one).secretVersion !== one.secretVersion);
        if (!other) return;
        isReplaced = true;
        throw new ClavigerError('overloaded', `The secret "${other.name}" is being replaced. Try again.`);
      };
      try {
        return await this.#opened(now, new Map(), (values) => fn(values, still));
      } catch (error) {
        // Nothing was sent: the fence stands before the first byte.
        if (!isReplaced || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** The bytes are wiped when `fn` is done. */
  async #opened<T>(
    [first, ...rest]: readonly StateSealed[],
    values: Map<string, string>,
    fn: (values: ReadonlyMap<string, string>) => Promise<T>,
  ): Promise<T> {
    if (!first) return fn(values);
    return this.leases.use(this.request.caller.orgId, first, ({ secret }) => {
      const value = secret.trim();
      this.#learn(value);
      return this.#opened(rest, values.set(first.secretId ?? '', value), fn);
    });
  }

  #learn(value: string): void {
    if (this.#known.has(value)) return;
    this.#known.add(value);
    this.#scrubber = new Scrubber(this.known);
  }
}

/** Each secret once, whatever names it. */
function onceEach(carried: readonly StateSealed[]): StateSealed[] {
  const known = new Map(carried.map((one) => [one.secretId, one]));
  return [...known.values()].filter(({ secretId }) => secretId !== null);
}

/** The same secret by a newer state. One that was deleted meanwhile is not sent any more, nor is another of its name in its place. */
export function currentOf(
  { toolSecrets, mcpServers }: Pick<AuthorisedState, 'toolSecrets' | 'mcpServers'>,
  { secretId, name }: Pick<StateSealed, 'secretId' | 'name'>,
): StateSealed {
  const found = [...toolSecrets, ...mcpServers].find((kept) => kept.secretId === secretId);
  if (found) return found;
  throw new ClavigerError('not_found', `The secret "${name}" was deleted while the run went on.`);
}
