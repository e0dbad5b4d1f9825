/** An organization: the tenant. Its short name stays when it is renamed, since links hold it. */
export interface Org {
  id: string;
  name: string;
  slug: string;
  plan: string;
  createdAt: Date;
  updatedAt: Date;
}

/** How much an organization has of what its deletion takes. */
export interface OrgCounts {
  members: number;
  workspaces: number;
  aiProviders: number;
  assignments: number;
  secrets: number;
  sealedVersions: number;
  tokens: number;
  invites: number;
  openRuns: number;
}
