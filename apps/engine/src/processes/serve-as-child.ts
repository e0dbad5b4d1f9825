import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { readiness, READINESS_CHECKS, type ReadinessCheck } from '#lib/http';
import { Metrics } from '#lib/telemetry';
import { Draining } from '../agent-runs/draining.js';
import { LiveRuns } from '../agent-runs/live-runs.js';
import { Dispatcher } from '../run-queue/dispatcher.js';
import { SHUTDOWN_GRACE, type ShutdownGrace } from '../tokens.js';
import { toChild, type TakesCalls, type ToPrimary } from './messages.js';
import { Retirement } from './retirement.js';

/** For the hooks of the modules, after the calls: the last receipts, the last runs. */
const CLOSES_WITHIN_MS = 14_000;
const LOOK_EVERY_MS = 200;

/** The life of a process beside others behind one port: it begins as its primary says, tells its figures, and leaves without cutting anything. */
export async function serveAsChild(
  app: NestFastifyApplication,
  takesCalls: TakesCalls,
  listen: () => Promise<void>,
): Promise<void> {
  const retirement = new Retirement(app.getHttpServer());
  const leave = async (withinMs: number): Promise<void> => {
    void app.get(Dispatcher).stop();
    const live = app.get(LiveRuns);
    await retirement.retire(withinMs, () => live.size === 0);
    app.get(Draining).graceIsOver();
    setTimeout(() => process.exit(1), CLOSES_WITHIN_MS).unref();
    await app.close();
    process.exit(0);
  };
  let leaving: Promise<void> | undefined;
  process.on('message', (raw: unknown) => {
    const message = toChild(raw);
    if (message?.claviger === 'retire') leaving ??= leave(message.withinMs);
    if (message?.claviger === 'metrics') void tellMetrics(app.get(Metrics), message.id);
  });
  const { ms: graceMs } = app.get<ShutdownGrace>(SHUTDOWN_GRACE);
  process.on('SIGTERM', () => void (leaving ??= leave(graceMs)));
  // From a terminal they reach every process of it; the primary says what is to be done.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  if (takesCalls === 'when-ready') await ready(app);
  if (leaving) return leaving;
  await listen();
  say({ claviger: 'listening' });
}

async function ready(app: NestFastifyApplication): Promise<void> {
  const checks = app.get<ReadinessCheck[]>(READINESS_CHECKS);
  while ((await readiness(checks)).status !== 'ok') await sleep(LOOK_EVERY_MS);
}

async function tellMetrics(metrics: Metrics, id: number): Promise<void> {
  say({ claviger: 'metrics', id, metrics: await metrics.samples().catch(() => undefined) });
}

function say(message: ToPrimary): void {
  process.send?.(message);
}
