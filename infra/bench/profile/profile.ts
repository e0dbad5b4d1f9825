import { callBody } from '../load/shapes.js';
import { requestBytes, type Target } from '../load/connection.js';
import { closedLoop } from '../load/loops.js';
import { markdown } from '../figures/table.js';
import type { Stage } from '../stage/stage.js';
import { functionOf, placeOf, sharesOf, type Share } from './shares.js';

const MS = 4_000;
const MOST = 25;
const LOADS = {
  'calls of 1 KB': { body: callBody(1_024), connections: 64 },
  'streams of 100 chunks': { body: callBody(1_024, { chunks: 100, gapMs: 5 }), connections: 32 },
};

/** Where the engine's time goes under each load, as tables: by place, and by function. */
export async function profileTables(stage: Stage): Promise<string> {
  const tables: string[] = [];
  for (const [name, { body, connections }] of Object.entries(LOADS)) {
    const { target, process } = stage.of('engine');
    const bytesFor = (asked: Target) => requestBytes(asked, body);
    const load = closedLoop({ targets: [target], bytesFor, connections, leadMs: 1_000, ms: MS + 1_000 });
    const profile = await process.profile(MS);
    await load;
    tables.push(`### ${name}`, tableOf('place', sharesOf(profile, placeOf)));
    tables.push(tableOf('function', sharesOf(profile, functionOf)));
  }
  return tables.join('\n\n');
}

function tableOf(what: string, shares: readonly Share[]): string {
  const rows = shares.slice(0, MOST).map(({ where, share }) => [where, `${(share * 100).toFixed(1)} %`]);
  return markdown([what, 'of the busy time'], rows);
}
