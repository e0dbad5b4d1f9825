import { setTimeout as delay } from 'node:timers/promises';
import type { SecretIdentity } from '#lib/custody';
import type { Opener } from '#lib/custody/opener';
import type { SealedStore } from '#lib/testing';

const LANES = 8;
const PAUSE_MS = 2;

/** Opens secrets at random, as they are stored at that moment, until it is stopped. */
export class OpenLoad {
  opened = 0;
  failed = 0;
  readonly latenciesMs: number[] = [];
  #stopped = false;
  readonly #lanes: Promise<void>[];

  constructor(
    private readonly store: SealedStore,
    private readonly opener: Opener,
    private readonly secrets: readonly SecretIdentity[],
  ) {
    this.#lanes = Array.from({ length: LANES }, () => this.lane());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#lanes);
  }

  private async lane(): Promise<void> {
    while (!this.#stopped) {
      const secret = this.secrets[Math.floor(Math.random() * this.secrets.length)]!;
      const started = performance.now();
      if (await this.store.opens(this.opener, secret)) this.opened += 1;
      else this.failed += 1;
      this.latenciesMs.push(performance.now() - started);
      await delay(PAUSE_MS);
    }
  }
}
