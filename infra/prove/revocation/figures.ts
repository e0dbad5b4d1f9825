import { percentile, round, type Figures } from '../proof.js';
import { FENCE_MS, type Verdict } from './verdict.js';

/** What a line's revokes came to, for the record: names begin with `line`. */
export function figuresOf(line: string, verdicts: readonly Verdict[]): Figures {
  const last = verdicts.map(({ lastSendMs }) => lastSendMs);
  const streams = verdicts.flatMap(({ streamEndMs }) => (streamEndMs === null ? [] : [streamEndMs]));
  const sum = (of: (verdict: Verdict) => number) =>
    verdicts.reduce((total, verdict) => total + of(verdict), 0);
  return {
    [`${line}Revokes`]: verdicts.length,
    [`${line}Runs`]: sum(({ runs }) => runs),
    [`${line}RunsTurnedAwayByABusyMachine`]: sum(({ busy }) => busy),
    [`${line}OpenRunsEndedAsOverloaded`]: sum(({ endedUnasked }) => endedUnasked),
    [`${line}SendsAfterTheCommit`]: sum(({ sendsAfter }) => sendsAfter),
    [`${line}SendsLaterThan${FENCE_MS}Ms`]: sum(({ lateSends }) => lateSends),
    [`${line}LastSendP50Ms`]: round(percentile(last, 0.5), 0),
    [`${line}LastSendP99Ms`]: round(percentile(last, 0.99), 0),
    [`${line}LastSendMaxMs`]: round(Math.max(0, ...last), 0),
    [`${line}StreamsEnded`]: streams.length,
    [`${line}StreamEndP50Ms`]: round(percentile(streams, 0.5), 0),
    [`${line}StreamEndMaxMs`]: round(Math.max(0, ...streams), 0),
  };
}

/** For each kind how many were revoked, and its worst last send, in a line to read. */
export function worstOfEachKind(verdicts: readonly Verdict[]): string {
  const kinds = [...new Set(verdicts.map(({ kind }) => kind))];
  return kinds
    .map((kind) => {
      const own = verdicts.filter((verdict) => verdict.kind === kind);
      return `${kind} ${own.length}× ${round(Math.max(...own.map(({ lastSendMs }) => lastSendMs)), 0)}`;
    })
    .join(', ');
}
