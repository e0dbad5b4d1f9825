import { revokeAll } from '../revocation/batches.js';
import { runBatch } from '../revocation/batch.js';
import { makeCell } from '../revocation/cell.js';
import { withoutFence } from '../revocation/control.js';
import { cutDatabase } from '../revocation/database-cut.js';
import { figuresOf, worstOfEachKind } from '../revocation/figures.js';
import { killSwitch } from '../revocation/kill-switch.js';
import { KINDS, ROTATED } from '../revocation/kinds.js';
import { answers } from '../revocation/vendor.js';
import { FENCE_MS, STREAM_MS, type Verdict } from '../revocation/verdict.js';
import { startInstallation, type Installation } from '../series/installation.js';
import { Person } from '../series/people.js';
import { Bars, percentile, round, type Figures, type Outcome, type Proof } from '../proof.js';

/** Of each kind: with notifications dropped, and with them. */
const UNTOLD_EACH = 50;
const TOLD_EACH = 20;
const ORGS = 40;
const THROWS_OF_THE_SWITCH = 5;
/** Organizations with one cell each while the switch is thrown, or the database cut. */
const FEW = 12;
/** Share of the revokes that must hit an open stream; the kind that opens none, and a busy machine, take the rest. */
const STREAMS_OPEN = 0.8;
/** Share of the revokes whose open runs a busy machine may end under another name. */
const ENDED_UNASKED = 0.01;
const UNTOLD_FOR_MS = 3_300;
const TOLD_FOR_MS = 2_300;
const TOLD_WITHIN_MS = 1_000;

/** Issue "custody", line 5. */
export const revocation: Proof = {
  name: 'revocation',
  shows: `${UNTOLD_EACH} revokes of each of ${KINDS.length} kinds under load over two engines that are told of nothing: no send starts more than 2 s after the commit, open streams end by name within 7 s; cut off from the database they refuse; without the fence they don't`,
  promises: {
    engines: { is: 2 },
    untoldRevokes: { atLeast: UNTOLD_EACH * KINDS.length },
    notificationsLost: { atLeast: UNTOLD_EACH * KINDS.length },
    untoldSendsLaterThan2000Ms: { is: 0 },
    untoldLastSendMaxMs: { atMost: FENCE_MS },
    untoldStreamsEnded: { atLeast: 480 },
    untoldStreamEndMaxMs: { atMost: STREAM_MS },
    // By the engine's word that it cannot ask its database: a refusal in time, but not the one that tells why.
    untoldOpenRunsEndedAsOverloaded: { atMost: ENDED_UNASKED * UNTOLD_EACH * KINDS.length },
    toldOpenRunsEndedAsOverloaded: { atMost: ENDED_UNASKED * TOLD_EACH * KINDS.length },
    controlSendsLaterThan2s: { atLeast: 1 },
    toldSendsLaterThan2000Ms: { is: 0 },
    toldLastSendP99Ms: { atMost: TOLD_WITHIN_MS },
    hungSendsLaterThan2s: { is: 0 },
    hungRefused503Overloaded: { atLeast: 1 },
    refusedSendsLaterThan2s: { is: 0 },
    refusedRefused503Overloaded: { atLeast: 1 },
  },
  async run(tell) {
    const scene = await startInstallation();
    try {
      scene.upstream.respond(answers);
      const owners = await signUp(scene);
      tell(`${ORGS} organizations, two engines`);
      return await measure(scene, owners, tell);
    } finally {
      await scene.stop();
    }
  },
};

async function signUp({ api }: Installation): Promise<Person[]> {
  const owners: Person[] = [];
  for (let at = 0; at < ORGS; at += 1) owners.push(await Person.signUp(api.url, `owner-${at}@prove.test`));
  return owners;
}

async function measure(
  scene: Installation,
  owners: readonly Person[],
  tell: (line: string) => void,
): Promise<Outcome> {
  const engines = scene.engines.map(({ url }) => url);
  const bars = new Bars();
  const judged = (line: string, verdicts: readonly Verdict[]): Figures => {
    for (const fault of verdicts.flatMap(({ faults }) => faults)) bars.hold(false, `${line}: ${fault}`);
    const streams = verdicts.filter(({ streamEndMs }) => streamEndMs !== null).length;
    bars.hold(
      streams > verdicts.length * STREAMS_OPEN,
      `${line}: only ${streams} streams were open when revoked`,
    );
    tell(`last send after the commit in ms, worst of each kind (${line}): ${worstOfEachKind(verdicts)}`);
    return figuresOf(line, verdicts);
  };

  scene.proxy.line = 'deaf';
  const untold = await revokeAll(scene, owners, UNTOLD_EACH, { engines, forMs: UNTOLD_FOR_MS }, (count) =>
    tell(`${count} revokes that nobody told of`),
  );
  const thrown = await throwSwitch(scene, owners, engines);
  const figures = judged('untold', [...untold, ...thrown]);
  bars.hold(scene.proxy.lost >= untold.length, `only ${scene.proxy.lost} notifications were lost`);
  Object.assign(figures, { notificationsLost: scene.proxy.lost });

  const unfenced = await withoutFence(scene, owners);
  const controlMaxMs = round(Math.max(...unfenced.map(({ lastSendMs }) => lastSendMs)), 0);
  bars.hold(controlMaxMs > FENCE_MS, 'the control: without the fence, too, every send was in time');
  Object.assign(figures, { controlLastSendMaxMs: controlMaxMs, controlSendsLaterThan2s: late(unfenced) });

  scene.proxy.line = 'sound';
  const told = await revokeAll(scene, owners, TOLD_EACH, { engines, forMs: TOLD_FOR_MS }, (count) =>
    tell(`${count} revokes that were told`),
  );
  Object.assign(figures, judged('told', told));
  // What was rotated away drains for the runs that hold it: there the two seconds are the bar.
  const refused = told.filter(({ kind }) => kind !== ROTATED.name);
  const p99 = percentile(
    refused.map(({ lastSendMs }) => lastSendMs),
    0.99,
  );
  bars.hold(p99 <= TOLD_WITHIN_MS, `told revokes took ${round(p99, 0)} ms (p99)`);

  for (const line of ['hung', 'refused'] as const) {
    tell(`the database is cut off: ${line}`);
    const cells = await Promise.all(owners.slice(0, FEW).map((owner) => makeCell(scene, owner, KINDS[0]!)));
    Object.assign(figures, await cutDatabase(scene, cells, line, bars));
  }
  return { faults: bars.faults, figures: { ...facts(scene), ...figures } };
}

/** The same cells each time; the switch is thrown for all of them at once. */
async function throwSwitch(
  scene: Installation,
  owners: readonly Person[],
  engines: readonly string[],
): Promise<Verdict[]> {
  const kind = killSwitch(scene);
  const cells = await Promise.all(owners.slice(0, FEW).map((owner) => makeCell(scene, owner, kind)));
  const verdicts: Verdict[] = [];
  for (let count = 0; count < THROWS_OF_THE_SWITCH; count += 1) {
    verdicts.push(...(await runBatch(scene, cells, { engines, forMs: UNTOLD_FOR_MS })));
  }
  return verdicts;
}

function facts({ arrivals, engines }: Installation): Figures {
  return {
    engines: engines.length,
    organizations: ORGS,
    clock:
      'commit: pg_xact_commit_timestamp; send: arrival of its headers at the vendor; one machine, one wall clock',
    sendsInAll: arrivals.total,
    vendorNotedAtMostMsTooLate: round(arrivals.worstLagMs, 0),
    streamBarMs: STREAM_MS,
  };
}

function late(verdicts: readonly Verdict[]): number {
  return verdicts.reduce((total, { lateSends }) => total + lateSends, 0);
}
