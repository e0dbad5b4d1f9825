import { setTimeout as delay } from 'node:timers/promises';
import { Refused, type Workflows } from './caller.js';
import type { Fleet } from './fleet.js';

export interface Storm {
  /** So many at least, and as long as engines are killed. */
  runs: number;
  kills: number;
}

const LANES = 6;
const KINDS = ['quick', 'stream', 'tool', 'late'];
/** Between two runs of a lane and between two kills, in ms: the means of random pauses. */
const PAUSE_MS = 1_000;
const KILL_EVERY_MS = 2_500;

/** Runs that nobody waits for, posted at whichever engine lives, while now and then one of the engines is killed. */
export async function storm(fleet: Fleet, workflows: Workflows, { runs, kills }: Storm): Promise<void> {
  let posted = 0;
  let isRaging = true;
  const lane = async (): Promise<void> => {
    while (posted < runs || isRaging) {
      posted += 1;
      await acknowledged(fleet, workflows);
      await delay(Math.random() * 2 * PAUSE_MS);
    }
  };
  const lanes = Array.from({ length: LANES }, lane);
  for (let kill = 0; kill < kills; kill += 1) {
    await delay(Math.random() * 2 * KILL_EVERY_MS);
    await fleet.kill(fleet.any.id);
  }
  isRaging = false;
  await Promise.all(lanes);
}

/** As a workflow engine does: who gets no answer asks the same again, until somebody says that the run is accepted. */
async function acknowledged(fleet: Fleet, workflows: Workflows): Promise<void> {
  const prompt = workflows.prompt(KINDS[Math.floor(Math.random() * KINDS.length)]!);
  for (;;) {
    try {
      await workflows.post(fleet.any.url, prompt);
      return;
    } catch (error) {
      if (error instanceof Refused && error.status !== 503) throw error;
      await delay(100);
    }
  }
}
