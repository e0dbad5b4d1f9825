/**
 * What `work` comes to, or the error of `late` when that takes longer than `ms`. The work itself goes on: see to its end.
 * A process that was held up itself looks at what has arrived meanwhile before it calls anybody late.
 */
export async function within<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => setImmediate(() => reject(late())), ms);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
