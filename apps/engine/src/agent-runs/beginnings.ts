/** The node executions whose runs are being begun in this process: posts that come meanwhile wait for what becomes of the first. */
export class Beginnings {
  readonly #open = new Map<string, Promise<unknown>>();

  /** Resolves when the beginning that is under way is over, to true; at once to false where there is none. */
  async over(key: string): Promise<boolean> {
    const beginning = this.#open.get(key);
    await beginning?.catch(() => undefined);
    return beginning !== undefined;
  }

  /** `begin`, for which others wait. */
  async during<T>(key: string, begin: () => Promise<T>): Promise<T> {
    const beginning = begin();
    this.#open.set(key, beginning);
    try {
      return await beginning;
    } finally {
      if (this.#open.get(key) === beginning) this.#open.delete(key);
    }
  }
}
