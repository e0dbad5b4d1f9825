export interface WatchedFence {
  /** The fence, to be asked right before bytes leave. */
  ask: () => void | Promise<void>;
  /** Throws what the fence refused with, if it ever did: that ends the run, where another failure is the tool's own. */
  throwIfRefused(): void;
}

/** Remembers a refusal of the fence, whether it said so at once or after reading the state. */
export function watchFence(beforeSend: () => void | Promise<void>): WatchedFence {
  let refused: { reason: unknown } | undefined;
  const keep = (reason: unknown): never => {
    refused = { reason };
    throw reason;
  };
  return {
    ask: () => {
      try {
        return beforeSend()?.catch(keep);
      } catch (reason) {
        return keep(reason);
      }
    },
    throwIfRefused: () => {
      if (refused) throw refused.reason;
    },
  };
}
