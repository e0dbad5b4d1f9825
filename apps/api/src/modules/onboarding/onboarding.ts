import { newId } from '#lib/kernel';
import { slugOf } from './slug.js';

export interface SignUp {
  email: string;
  passwordHash: string;
  name: string;
  orgName: string;
}

/** The rows that one sign-up makes, before they are written. */
export interface NewTenant {
  user: { id: string; email: string; name: string; passwordHash: string };
  org: { id: string; name: string; slug: string; plan: string };
  ownerMemberId: string;
  workspace: { id: string; name: string; slug: string };
}

/** What an organization uses of its counted limits the moment it exists: its default workspace; the owner is left out. */
export const FIRST_COUNTS = { keys: 0, workspaces: 1, members: 0 } as const;

/** One person, one organization that they own, one default workspace (PRODUCT #1). */
export function newTenant(signUp: SignUp, plan: string): NewTenant {
  const { email, passwordHash, name, orgName } = signUp;
  return {
    user: { id: newId('usr'), email: normalizeEmail(email), name, passwordHash },
    org: { id: newId('org'), name: orgName, slug: slugOf(orgName, 'org'), plan },
    ownerMemberId: newId('mem'),
    workspace: { id: newId('ws'), name: 'Default', slug: 'default' },
  };
}

/** Addresses are compared without case and outer blanks. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}
