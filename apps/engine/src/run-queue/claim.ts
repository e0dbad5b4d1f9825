/** A turn that this process was given: it has the run as long as nobody has a newer `fence`. */
export interface Claim {
  orgId: string;
  workspaceId: string;
  runId: string;
  /** How often the run was claimed, this time included. */
  fence: number;
}
