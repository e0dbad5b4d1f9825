import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningStack } from '#lib/testing';
import { PgPool } from '#lib/persistence';
import { findNeedles } from './needles.js';

export const SINKS = ['logs', 'database', 'jobs', 'responses', 'html', 'metrics'] as const;
export type Sink = (typeof SINKS)[number];

/** Everything that a stack has written so far, per kind of place. */
export async function contentOfSinks(
  stack: RunningStack,
  seen: { responses: string[]; html: string[] },
): Promise<Record<Sink, string>> {
  const pool = new PgPool({ databaseUrl: stack.state.databaseUrl, max: 1 });
  try {
    return {
      logs: `${stack.output()}\n${logsOf(stack.dataDir)}`,
      database: await dump(pool, "n.nspname <> 'bullmq'"),
      jobs: await dump(pool, "n.nspname = 'bullmq'"),
      responses: seen.responses.join('\n'),
      html: seen.html.join('\n'),
      metrics: await metricsOf(stack),
    };
  } finally {
    await pool.close();
  }
}

/** What each process tells an operator's Prometheus. Needs CLAVIGER_METRICS_PORT. */
async function metricsOf({ state: { ports } }: RunningStack): Promise<string> {
  const places = [ports['apiMetrics'], ports['engineMetrics'], ports['worker']];
  const texts = places.map(async (port) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
  return (await Promise.all(texts)).join('\n');
}

/** The finds per sink; a clean one is not listed. */
export function sweep(
  content: Record<Sink, string>,
  secrets: Record<string, string>,
): Partial<Record<Sink, string[]>> {
  const finds = SINKS.map((sink) => [sink, findNeedles(content[sink], secrets)] as const);
  return Object.fromEntries(finds.filter(([, found]) => found.length > 0));
}

function logsOf(dataDir: string): string {
  const folder = join(dataDir, 'logs');
  const postgres = join(dataDir, 'postgres/postgres.log');
  return [...readdirSync(folder).map((file) => join(folder, file)), postgres]
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

/** Every row of every table as JSON, bytea as hex. `which` chooses by schema (`n`) and table (`c`). */
export async function dump(pool: PgPool, which: string): Promise<string> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND ${which} ORDER BY 1`,
  );
  const parts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`SELECT row_to_json(t)::text AS row FROM ${name} t`);
    parts.push(name, ...rows.map(({ row }) => row));
  }
  return parts.join('\n');
}
