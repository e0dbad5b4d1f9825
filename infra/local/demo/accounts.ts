import { DemoClient, DemoRefusal } from './client.js';
import type { DemoMemory } from './memory.js';

export const OWNER = { email: 'owner@demo.test', name: 'Olga Owner', orgName: 'Demo' };
export const EDITOR = { email: 'editor@demo.test', name: 'Edgar Editor' };

export interface Session {
  org: { id: string; name: string; role: string } | null;
  orgs: { id: string; name: string; memberId: string; status: string }[];
  workspaces: { id: string; slug: string; name: string }[];
  csrfToken: string;
}

export interface SignedIn {
  client: DemoClient;
  session: Session;
}

/** Signs the owner in, with an account and an organization made at the first start. */
export async function signIn(base: DemoClient, memory: DemoMemory): Promise<SignedIn> {
  return known(base, OWNER.email, memory).catch(async (refusal: unknown) => {
    if (!(refusal instanceof DemoRefusal) || refusal.status !== 401) throw refusal;
    return keep(OWNER.email, memory, base, signUp(base, { ...OWNER, password: memory.password }));
  });
}

/** Signs in an account that exists: with the session of the last start while it lives, else by password. */
export async function known(base: DemoClient, email: string, memory: DemoMemory): Promise<SignedIn> {
  const cookie = memory.sessions[email];
  if (cookie) {
    const session = await base
      .as({ cookie })
      .get<Session>('/api/v1/auth/me')
      .catch(() => undefined);
    if (session) return { client: base.as({ cookie, csrf: session.csrfToken }), session };
  }
  const account = { email, password: memory.password };
  return keep(email, memory, base, base.exchange<Session>('POST', '/api/v1/auth/login', account));
}

async function keep(
  email: string,
  memory: DemoMemory,
  base: DemoClient,
  exchange: Promise<{ answer: Session; cookie?: string }>,
): Promise<SignedIn> {
  const { answer, cookie } = await exchange;
  if (!cookie) throw new Error('the api set no session cookie');
  memory.sessions[email] = cookie;
  return { client: base.as({ cookie, csrf: answer.csrfToken }), session: answer };
}

async function signUp(
  base: DemoClient,
  account: { email: string; password: string; name: string; orgName: string },
): Promise<{ answer: Session; cookie?: string }> {
  try {
    return await base.exchange<Session>('POST', '/api/v1/auth/signup', account);
  } catch (refusal) {
    if (!(refusal instanceof DemoRefusal) || refusal.status === 429) throw refusal;
    throw new Error(
      `${account.email} exists with another password: set CLAVIGER_DEMO_PASSWORD to it, or use another data folder or database. (${refusal.message})`,
      { cause: refusal },
    );
  }
}

/** Makes `orgId` the organization that the session works in, and answers the session as it then is. */
export async function enterOrg({ client, session }: SignedIn, orgId: string): Promise<SignedIn> {
  if (session.org?.id === orgId) return { client, session };
  await client.post('/api/v1/auth/active-org', { orgId });
  const after = await client.get<Session>('/api/v1/auth/me');
  return { client: client.as({ ...client.credentials, csrf: after.csrfToken }), session: after };
}
