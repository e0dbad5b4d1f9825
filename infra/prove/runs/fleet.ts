import { toUuid } from '#lib/kernel';
import type { PgPool } from '#lib/persistence';
import type { Installation } from '../series/installation.js';
import type { RunningProcess } from '../series/processes.js';
import type { Workflows } from './caller.js';

export interface Engine {
  /** As the rows of its runs name it. */
  id: string;
  url: string;
  process: RunningProcess;
}

/** An end by kill -9, and the runs that the process had just then. */
export interface Kill {
  at: Date;
  runs: string[];
}

/** Engine processes that are killed and replaced, as a supervisor does: two live at any time but for the moment of a start. */
export class Fleet {
  readonly kills: Kill[] = [];

  private constructor(
    private readonly scene: Installation,
    private readonly workflows: Workflows,
    readonly engines: Engine[],
  ) {}

  static async of(scene: Installation, workflows: Workflows): Promise<Fleet> {
    const fleet = new Fleet(scene, workflows, []);
    for (const process of scene.engines) fleet.engines.push(await fleet.#named(process));
    return fleet;
  }

  /** Any of those that live. */
  get any(): Engine {
    return this.engines[Math.floor(Math.random() * this.engines.length)]!;
  }

  /** One that is not this one. */
  besides(id: string): Engine {
    return this.engines.find((engine) => engine.id !== id)!;
  }

  /** kill -9, and another process in its place. */
  async kill(id: string): Promise<void> {
    const at = this.engines.findIndex((engine) => engine.id === id);
    const [engine] = this.engines.splice(at, 1);
    if (!engine) throw new Error(`no engine ${id} lives`);
    engine.process.kill();
    const killed = new Date();
    await engine.process.ended;
    const { rows } = await this.scene.db.query<{ id: string }>(
      `SELECT id::text FROM agent_runs WHERE engine_id = $1 AND status = 'running'`,
      [id],
    );
    this.kills.push({ at: killed, runs: rows.map((row) => row.id) });
    this.engines.push(await this.#named(await this.scene.startEngine()));
  }

  /** The process that has the run. */
  async engineOf(runId: string): Promise<string> {
    const id = await engineOf(this.scene.db, runId);
    if (id === null) throw new Error(`no engine has ${runId}`);
    return id;
  }

  async #named(process: RunningProcess): Promise<Engine> {
    const id = await engineOf(this.scene.db, await this.workflows.begin(process.url));
    if (id === null) throw new Error('a run that was waited for had no engine');
    return { id, url: process.url, process };
  }
}

async function engineOf(db: PgPool, runId: string): Promise<string | null> {
  const { rows } = await db.query<{ engine_id: string | null }>(
    'SELECT engine_id::text FROM agent_runs WHERE id = $1',
    [toUuid(runId)],
  );
  return rows[0]?.engine_id ?? null;
}
