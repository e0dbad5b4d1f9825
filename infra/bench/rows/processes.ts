import type { Samples } from '../figures/stats.js';
import { requestBytes, type Target } from '../load/connection.js';
import { closedLoop } from '../load/loops.js';
import { callBody } from '../load/shapes.js';
import type { Stage } from '../stage/stage.js';
import type { Plan } from './plan.js';

const CONNECTIONS = 64;

/** Requests a second of one engine process, and of two that share the load. */
export async function twoProcesses(stage: Stage, plan: Plan, samples: Samples): Promise<void> {
  const second = await stage.secondEngine();
  const { target } = stage.of('engine');
  const both = [target, { ...target, port: second.port }];
  const bytesFor = (asked: Target) => requestBytes(asked, callBody(1_024));
  const load = (targets: Target[], ms: number) =>
    closedLoop({ targets, bytesFor, connections: CONNECTIONS, leadMs: plan.leadMs, ms });
  await load(both, plan.warmMs);
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const [name, targets] of [['one', [target]] as const, ['two', both] as const]) {
      const { calls, ms } = await load([...targets], plan.ms);
      samples.add('rps of processes', name, (calls * 1_000) / ms);
    }
  }
  await second.stop();
}
