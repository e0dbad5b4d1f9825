import { describe, expect, it } from '@jest/globals';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { Child } from './child.js';
import type { TakesCalls } from './messages.js';
import { Supervisor, type SupervisorOptions } from './supervisor.js';

/** A process that does what the test says. */
class ChildToTell implements Child {
  readonly retired: number[] = [];
  wasKilled = false;
  listen: () => void = () => undefined;
  end: (how: string) => void = () => undefined;
  readonly listening = new Promise<void>((resolve) => (this.listen = resolve));
  readonly ended = new Promise<string>((resolve) => (this.end = resolve));

  constructor(
    readonly pid: number,
    readonly takesCalls: TakesCalls,
  ) {}

  retire(withinMs: number): void {
    this.retired.push(withinMs);
  }

  kill(): void {
    this.wasKilled = true;
    this.end('SIGKILL');
  }

  metrics = (): Promise<unknown> => Promise.resolve(undefined);
}

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

function supervisorOf(count: number, patience: SupervisorOptions['patience'] = {}) {
  const children: ChildToTell[] = [];
  const supervisor = new Supervisor({
    count,
    log: quiet,
    changed: () => undefined,
    patience: { firstPause: 5, longestPause: 20, ...patience },
    fork: (takesCalls) => {
      const child = new ChildToTell(children.length + 1, takesCalls);
      children.push(child);
      return child;
    },
  });
  const at = async (index: number): Promise<ChildToTell> => {
    for (;;) {
      const child = children[index];
      if (child) return child;
      await delay(1);
    }
  };
  const started = async (): Promise<void> => {
    const starting = supervisor.start();
    for (const child of children) child.listen();
    await starting;
  };
  return { supervisor, children, at, started, pids: () => supervisor.serving.map(({ child }) => child.pid) };
}

describe('the supervisor of an engine’s processes', () => {
  it('begins all of them at once, and fails when one ends before it takes calls', async () => {
    const { supervisor, children } = supervisorOf(3);
    const starting = supervisor.start();
    expect(children.map(({ takesCalls }) => takesCalls)).toEqual(Array(3).fill('at-once'));
    children[0]?.listen();
    children[1]?.end('exit code 1');
    await expect(starting).rejects.toThrow(/exit code 1/);
    expect(children.map(({ wasKilled }) => wasKilled)).toEqual([true, true, true]);
  });

  it('replaces them one after the other: the old one leaves when the new one takes calls, not before', async () => {
    const { supervisor, at, started, pids } = supervisorOf(2);
    await started();
    const restarting = supervisor.restart();
    const third = await at(2);
    expect(third.takesCalls).toBe('when-ready');
    expect([(await at(0)).retired.length, pids()]).toEqual([0, [1, 2]]);
    third.listen();
    const fourth = await at(3);
    expect([(await at(0)).retired.length, (await at(1)).retired.length, pids()]).toEqual([1, 0, [3, 2]]);
    fourth.listen();
    await restarting;
    expect(pids()).toEqual([3, 4]);
    expect(supervisor.leaving.map(({ child }) => child.pid)).toEqual([1, 2]);
    (await at(0)).end('exit code 0');
    await turn();
    expect(supervisor.leaving.map(({ child }) => child.pid)).toEqual([2]);
  });

  it('keeps the old ones when a new one does not get ready', async () => {
    const { supervisor, children, at, started, pids } = supervisorOf(2, { begins: 20 });
    await started();
    await supervisor.restart();
    expect((await at(2)).wasKilled).toBe(true);
    expect([pids(), children.length]).toEqual([[1, 2], 3]);
    expect([(await at(0)).retired, (await at(1)).retired]).toEqual([[], []]);
  });

  it('asked several times while it replaces them does it once more', async () => {
    const { supervisor, children, at, started, pids } = supervisorOf(1);
    await started();
    const all = [supervisor.restart()];
    (await at(1)).listen();
    all.push(supervisor.restart(), supervisor.restart(), supervisor.restart());
    (await at(2)).listen();
    await Promise.all(all);
    expect([children.length, pids()]).toEqual([3, [3]]);
  });

  it('replaces one that ended by itself, after longer and longer pauses while it goes on ending', async () => {
    const { supervisor, at, started } = supervisorOf(2);
    await started();
    for (let next = 2; next < 6; next += 1) {
      (await at(next === 2 ? 0 : next - 1)).end('SIGKILL');
      expect((await at(next)).takesCalls).toBe('at-once');
    }
    expect(supervisor.starts).toEqual({ boot: 2, restart: 0, crash: 4 });
  });

  it('asked to stop has all of them leave, begins no other, and kills who does not leave in time', async () => {
    const { supervisor, children, at, started } = supervisorOf(2, { stops: 20, closes: 10 });
    await started();
    const stopping = supervisor.stop();
    (await at(0)).end('exit code 0');
    await stopping;
    expect(children.map(({ retired, wasKilled }) => [retired.length, wasKilled])).toEqual([
      [1, true],
      [1, true],
    ]);
    await delay(20);
    expect(children).toHaveLength(2);
  });
});
