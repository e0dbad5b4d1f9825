import type { RateMetric } from '#lib/contracts';

/** A sliding window, counted in slots: use counts from when it was counted until one window after its slot has ended. */
export interface WindowShape {
  windowMs: number;
  /** What room may come back late by. */
  slotMs: number;
}

const MINUTE: WindowShape = { windowMs: 60_000, slotMs: 500 };
export const SHAPES: Record<RateMetric, WindowShape> = {
  rpm: MINUTE,
  tpm: MINUTE,
  rpd: { windowMs: 86_400_000, slotMs: 300_000 },
};

/** Units by slot number, ascending. A slot that is not listed holds nothing. */
export type Slots = readonly (readonly [slot: number, units: number])[];

export function slotOf(shape: WindowShape, nowMs: number): number {
  return Math.floor(nowMs / shape.slotMs);
}

/** When what is in `slot` counts no more. Late by the slot's length rather than early: two windows never share a moment. */
function endOf(shape: WindowShape, slot: number): number {
  return (slot + 1) * shape.slotMs + shape.windowMs;
}

/** The slots that still count. */
export function current(slots: Slots, shape: WindowShape, nowMs: number): Slots {
  return slots.filter(([slot, units]) => units > 0 && endOf(shape, slot) > nowMs);
}

export function used(slots: Slots, shape: WindowShape, nowMs: number): number {
  return slots.reduce((sum, [slot, units]) => (endOf(shape, slot) > nowMs ? sum + units : sum), 0);
}

/** `slots` with `units` more, counted now. */
export function counted(slots: Slots, shape: WindowShape, nowMs: number, units: number): Slots {
  if (units <= 0) return slots;
  const now = slotOf(shape, nowMs);
  const last = slots.at(-1);
  return last && last[0] >= now
    ? [...slots.slice(0, -1), [last[0], last[1] + units]]
    : [...slots, [now, units]];
}

/** `slots` without `units` that were counted in `from` and never used; where that slot has too few, older ones give the rest. */
export function givenBack(slots: Slots, from: number, units: number): Slots {
  let left = units;
  return slots.reduceRight<(readonly [number, number])[]>((kept, [slot, had]) => {
    const taken = slot <= from ? Math.min(left, had) : 0;
    left -= taken;
    return had > taken ? [[slot, had - taken], ...kept] : kept;
  }, []);
}

/** Milliseconds until `need` units have room under `limit`; 0 when they have it now, Infinity when they never will. */
export function waitFor(
  slots: Slots,
  shape: WindowShape,
  nowMs: number,
  limit: number,
  need: number,
): number {
  if (need > limit) return Number.POSITIVE_INFINITY;
  let over = used(slots, shape, nowMs) + need - limit;
  if (over <= 0) return 0;
  for (const [slot, units] of slots) {
    if (endOf(shape, slot) <= nowMs) continue;
    over -= units;
    if (over <= 0) return endOf(shape, slot) - nowMs;
  }
  return shape.windowMs;
}
