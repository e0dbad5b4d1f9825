/** The processes of an engine that is several, as its primary tells of them. */
export class Fleet {
  #serving: number[] = [];
  #leaving: number[] = [];
  readonly #told: (() => void)[] = [];

  /** A message of the primary; any other is passed over. */
  readonly hear = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('claviger' in message)) return;
    if (message.claviger !== 'processes' || !('serving' in message) || !('leaving' in message)) return;
    this.#serving = pidsIn(message.serving);
    this.#leaving = pidsIn(message.leaving);
    for (const told of this.#told) told();
  };

  onChange(told: () => void): void {
    this.#told.push(told);
  }

  /** Those that serve, by name: `engine1`, `engine2` … */
  get serving(): Record<string, number> {
    return named('engine', this.#serving);
  }

  /** And those that only end what they had begun. */
  get all(): Record<string, number> {
    return { ...this.serving, ...named('engineLeaving', this.#leaving) };
  }
}

function pidsIn(value: unknown): number[] {
  const values: unknown[] = Array.isArray(value) ? value : [];
  return values.filter((pid): pid is number => typeof pid === 'number' && Number.isInteger(pid) && pid > 0);
}

function named(name: string, pids: readonly number[]): Record<string, number> {
  return Object.fromEntries(pids.map((pid, index) => [`${name}${index + 1}`, pid]));
}
