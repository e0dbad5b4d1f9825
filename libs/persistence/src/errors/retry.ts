import { sqlFailure } from './sql-state.js';

const ATTEMPTS = 4;

/** Runs a whole transaction again when it lost against another (deadlock, serialization failure), a few times at most. */
export async function retrySerialization<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      const state = sqlFailure(error)?.state;
      if (attempt === ATTEMPTS || (state !== '40001' && state !== '40P01')) throw error;
      await new Promise((resolve) => setTimeout(resolve, attempt * 10 + Math.random() * 20));
    }
  }
}
