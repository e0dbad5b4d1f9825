/** An organization: the tenant. Its short name stays when it is renamed, since links hold it. */
export interface Org {
  id: string;
  name: string;
  slug: string;
  plan: string;
  createdAt: Date;
  updatedAt: Date;
}
