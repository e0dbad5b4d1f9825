import { setTimeout as delay } from 'node:timers/promises';

/** Waits for what comes about by itself; throws when it does not within so long. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs = 8_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it did not come about within ${withinMs} ms`);
    await delay(20);
  }
}
