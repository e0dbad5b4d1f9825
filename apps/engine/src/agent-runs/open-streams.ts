/** How many answers of this process are event streams right now. */
class OpenStreams {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Resolves as `stream` does, which counts until then. */
  async during<T>(stream: () => Promise<T>): Promise<T> {
    this.#count += 1;
    try {
      return await stream();
    } finally {
      this.#count -= 1;
    }
  }
}

export const openStreams = new OpenStreams();
