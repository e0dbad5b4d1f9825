import { ClavigerError } from '#lib/contracts';

/**
 * The line between a run that may be begun again and one that may not (PRODUCT #38): committed before its first byte goes upstream.
 * Whoever dies before it has sent nothing; whoever dies after it may have.
 */
export class SendMark {
  #state: 'open' | 'made' | 'refused' = 'open';
  #making: Promise<void> | undefined;

  /** `commit` answers false when the run has passed to another process. */
  constructor(private readonly commit: () => Promise<boolean>) {}

  get isMade(): boolean {
    return this.#state === 'made';
  }

  /** Whether the run has passed to another process: nothing was sent, and nothing may be said of it here. */
  get isRefused(): boolean {
    return this.#state === 'refused';
  }

  /** Once, however many calls of the run ask for it. Throws `conflict` when the run is another process's. */
  make(): Promise<void> {
    this.#making ??= this.#make();
    return this.#making;
  }

  async #make(): Promise<void> {
    this.#state = (await this.commit()) ? 'made' : 'refused';
    if (this.isRefused) throw new ClavigerError('conflict', 'Another engine process has taken up this run.');
  }
}

/** `fence`, asked only after the mark is on record: every request of the run waits for it, the judges' as well. */
export function afterMark(
  mark: SendMark | undefined,
  fence: () => void | Promise<void>,
): () => void | Promise<void> {
  return mark ? () => (mark.isMade ? fence() : mark.make()) : fence;
}
