/** Whose work takes a place: `org_…` and its `ws_…`. */
export interface PlaceHolder {
  orgId: string;
  workspaceId: string;
}

/** Who has as many places as may be had: everybody together, the organization, or the workspace. */
export type PlacesFullOf = 'engine' | 'organization' | 'workspace';

/** Thrown where there is no place. */
export class PlacesFull extends Error {
  constructor(
    readonly of: PlacesFullOf,
    /** How many that one holds. */
    readonly held: number,
  ) {
    super(`no place: the ${of} holds ${held}`);
  }
}

/** How many times what its organization may still take a workspace may hold. */
const WORKSPACE_SHARE = 2;

/**
 * Places of one process that all tenants take from. Nobody holds more than are free: an organization that is alone gets half of them, two
 * that want everything get a third each, and k of them leave one part in k + 1 to those who come next. A workspace holds at most twice
 * what is left to its organization (alone: two fifths of all), so that the organization's other workspaces find room too.
 * "Dynamic thresholds" of shared buffers: Choudhury and Hahne, IEEE/ACM Transactions on Networking 6 (2), 1998. O(1) for each call.
 */
export class FairPlaces {
  readonly #places: number;
  readonly #organizations = new Map<string, number>();
  readonly #workspaces = new Map<string, number>();
  #taken = 0;

  /** @param places how many there are; at least 1 */
  constructor(places: number) {
    this.#places = places;
  }

  /** How many are taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Whose share leaves no place for this holder; null: there is one. What is given back makes no share full that was not. */
  fullFor({ orgId, workspaceId }: PlaceHolder): PlacesFullOf | null {
    const free = this.#places - this.#taken;
    const ofOrganization = this.#organizations.get(orgId) ?? 0;
    const ofWorkspace = this.#workspaces.get(workspaceId) ?? 0;
    if (free <= 0) return 'engine';
    if (ofOrganization >= free) return 'organization';
    return ofWorkspace >= WORKSPACE_SHARE * (free - ofOrganization) ? 'workspace' : null;
  }

  /** Takes a place. The function returned gives it back; called again it does nothing. @throws PlacesFull */
  take(holder: PlaceHolder): () => void {
    const { orgId, workspaceId } = holder;
    const ofOrganization = this.#organizations.get(orgId) ?? 0;
    const ofWorkspace = this.#workspaces.get(workspaceId) ?? 0;
    const full = this.fullFor(holder);
    if (full) {
      const held = { engine: this.#taken, organization: ofOrganization, workspace: ofWorkspace };
      throw new PlacesFull(full, held[full]);
    }
    this.#taken += 1;
    this.#organizations.set(orgId, ofOrganization + 1);
    this.#workspaces.set(workspaceId, ofWorkspace + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#taken -= 1;
      giveBack(this.#organizations, orgId);
      giveBack(this.#workspaces, workspaceId);
    };
  }
}

/** Whoever holds none is forgotten: the maps are no longer than there are places. */
function giveBack(counts: Map<string, number>, id: string): void {
  const left = (counts.get(id) ?? 1) - 1;
  if (left === 0) counts.delete(id);
  else counts.set(id, left);
}
