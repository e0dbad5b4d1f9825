import { startInstallation, type Installation } from '../series/installation.js';
import { Person } from '../series/people.js';
import { makeCell, type Cell } from '../revocation/cell.js';
import { KINDS } from '../revocation/kinds.js';
import { runBatch } from '../revocation/batch.js';
import type { Verdict } from '../revocation/verdict.js';
import { Bars, percentile, round, type Figures, type Outcome, type Proof } from '../proof.js';

const EACH = Number(process.env.PROVE_EACH ?? 50);
const ORGS = Number(process.env.PROVE_ORGS ?? 50);

/** Issue "custody", line 5. */
export const revocation: Proof = {
  name: 'revocation',
  shows: `x`,
  async run(tell) {
    const scene = await startInstallation();
    try {
      return await measure(scene, tell);
    } finally {
      await scene.stop();
    }
  },
};

async function measure(scene: Installation, tell: (line: string) => void): Promise<Outcome> {
  scene.upstream.respond((call) =>
    call.lastUserText === 'Never end.'
      ? { text: ['tick ', 'tock'], hang: 'body' }
      : call.tools.length > 0
        ? { toolCalls: [{ name: 'wait', input: {} }] }
        : { text: 'Hello.' },
  );
  const owners: Person[] = [];
  for (let at = 0; at < ORGS; at += 1) owners.push(await Person.signUp(scene.api.url, `owner-${at}@prove.test`));
  tell(`${ORGS} organizations`);
  const engines = scene.engines.map((e) => e.url);
  const bars = new Bars();
  const figures: Figures = {};
  for (const line of ['deaf', 'sound'] as const) {
    scene.proxy.line = line;
    const kinds = Array.from({ length: EACH }, () => KINDS).flat();
    const verdicts: Verdict[] = [];
    for (let at = 0; at < kinds.length; at += ORGS) {
      const t0 = Date.now();
      const cells: Cell[] = await Promise.all(kinds.slice(at, at + ORGS).map((kind, i) => makeCell(scene, owners[i]!, kind)));
      const t1 = Date.now();
      const got = await runBatch(scene, cells, { engines, forMs: line === 'deaf' ? 3_300 : 2_500 });
      verdicts.push(...got);
      tell(`${line}: ${verdicts.length} (${t1 - t0} ms to make, ${Date.now() - t1} ms run); max ${Math.max(...got.map((v) => v.lastSendMs))}; stream max ${Math.max(...got.map((v) => v.streamEndMs ?? 0))}; runs ${got.reduce((a, v) => a + v.runs, 0)} lag ${round(scene.arrivals.worstLagMs)}`);
      for (const f of got.flatMap((v) => v.faults).slice(0, 10)) tell(f);
    }
    const last = verdicts.map((v) => v.lastSendMs);
    figures[`${line}P50`] = round(percentile(last, 0.5), 0);
    figures[`${line}P99`] = round(percentile(last, 0.99), 0);
    figures[`${line}Max`] = round(Math.max(...last), 0);
    for (const v of verdicts) for (const f of v.faults) bars.hold(false, f);
  }
  return { figures, faults: bars.faults };
}
