import {
  acceptInviteAccept,
  acceptInvitePreview,
  accountActiveOrg,
  accountMe,
  authLogIn,
  authLogOut,
  authSignUp,
} from '../generated/api/sdk.gen';
import { answer, done, rememberCsrfToken } from './http';
import type { InvitePreview, Session } from './types';

function remember(session: Session): Session {
  rememberCsrfToken(session.csrfToken);
  return session;
}

export async function me(): Promise<Session> {
  return remember(await answer(accountMe()));
}

export async function login(body: { email: string; password: string }): Promise<Session> {
  return remember(await answer(authLogIn({ body })));
}

export async function signup(body: {
  email: string;
  password: string;
  name: string;
  orgName: string;
}): Promise<Session> {
  return remember(await answer(authSignUp({ body })));
}

export async function logout(): Promise<void> {
  await done(authLogOut());
  rememberCsrfToken(null);
}

export async function setActiveOrg(orgId: string): Promise<void> {
  await done(accountActiveOrg({ body: { orgId } }));
}

export function previewInvite(token: string): Promise<InvitePreview> {
  return answer(acceptInvitePreview({ path: { token } }));
}

/** Joins by a link: with an empty body as the person who is signed in, else as a new one. */
export async function acceptInvite(
  token: string,
  body: { email?: string; password?: string; name?: string },
): Promise<Session> {
  return remember((await answer(acceptInviteAccept({ path: { token }, body }))).session);
}
