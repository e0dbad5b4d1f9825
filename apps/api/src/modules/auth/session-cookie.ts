import type { FastifyReply } from 'fastify';
import { sessionCookieName } from '#lib/access';
import { SESSION_SECONDS } from './session.js';

function options(publicUrl: string) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: publicUrl.startsWith('https:') } as const;
}

/** Hands the session to the browser, out of reach of scripts (HttpOnly) and of other sites' writes (SameSite=Lax). */
export function setSessionCookie(reply: FastifyReply, publicUrl: string, token: string): void {
  void reply.setCookie(sessionCookieName(publicUrl), token, {
    ...options(publicUrl),
    maxAge: SESSION_SECONDS,
  });
}

export function clearSessionCookie(reply: FastifyReply, publicUrl: string): void {
  void reply.clearCookie(sessionCookieName(publicUrl), options(publicUrl));
}
