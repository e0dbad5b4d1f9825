import { isDeepStrictEqual } from 'node:util';
import type { AvailableModel, ModelList, ProviderKeyStatus } from '#lib/contracts';

/** A key handed to a workspace. */
export interface Assignment {
  aiProviderId: string;
  /** Lower goes first. */
  priority: number;
  /** Among equal priorities, higher goes first. */
  weight: number;
  active: boolean;
  defaultModel: string | null;
  /** The curated list of this assignment; empty: what the key's own list says. */
  models: string[];
}

/** An assignment with what a person wants to know of its key. */
export interface AssignedKey extends Assignment {
  name: string;
  provider: string;
  mask: string | null;
  enabled: boolean;
  status: ProviderKeyStatus;
}

/** Priority, then weight, then id: the order in which keys are tried (PRODUCT #31). */
export function inOrderOfChoice(assignments: Assignment[]): Assignment[] {
  return assignments.toSorted(
    (a, b) => a.priority - b.priority || b.weight - a.weight || (a.aiProviderId < b.aiProviderId ? -1 : 1),
  );
}

/** The keys that `wanted` newly hands over or changes; one that is only switched off is none of them. */
export function handedOver(before: Assignment[], wanted: Assignment[]): string[] {
  const known = new Map(before.map((assignment) => [assignment.aiProviderId, assignment]));
  return wanted
    .filter((assignment) => {
      const old = known.get(assignment.aiProviderId);
      return !old || !isDeepStrictEqual({ ...assignment, active: assignment.active || old.active }, old);
    })
    .map(({ aiProviderId }) => aiProviderId);
}

/** Where a key is in use: assigned, or the key of a policy's judge. */
export interface Dependents {
  counts: { workspaces: number; policies: number };
  sampleIds: { workspaces: string[]; policies: string[] };
}

export interface ModelRef {
  id: string;
  provider: string;
}

/** The models that a workspace gains and loses when its list turns from `before` into `after`. */
export function modelDifference(
  before: ModelList,
  after: ModelList,
): { gained: ModelRef[]; lost: ModelRef[] } {
  return { gained: without(after.data, before.data), lost: without(before.data, after.data) };
}

function without(models: AvailableModel[], others: AvailableModel[]): ModelRef[] {
  const known = new Set(others.map(refText));
  return models.filter((model) => !known.has(refText(model))).map(({ id, provider }) => ({ id, provider }));
}

function refText({ id, provider }: ModelRef): string {
  return `${provider}\n${id}`;
}
