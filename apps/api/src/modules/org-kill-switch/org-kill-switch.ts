import type { OrgKillSwitch } from '#lib/contracts';

/** Whose word a stop of one organization is: each lifts its own only. */
export type StopsBy = OrgKillSwitch['by'];

/** Why all calls of an organization are stopped, by whose word; null: not by theirs. */
export interface OrgStops {
  operator: string | null;
  owner: string | null;
}

/** The stops that hold, the operator's first. */
export function stopsOf(stops: OrgStops): OrgKillSwitch[] {
  const of = (by: StopsBy): OrgKillSwitch[] => {
    const reason = stops[by];
    return reason === null ? [] : [{ by, reason }];
  };
  return [...of('operator'), ...of('owner')];
}
