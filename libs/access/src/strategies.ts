import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy as CustomStrategy } from 'passport-custom';
import { Strategy as BearerStrategy } from 'passport-http-bearer';
import { bearerHash } from '#lib/kernel';
import type { Authenticated } from './principal.js';
import type { PrincipalSource } from './principal-source.js';

export const PUBLIC_URL = Symbol('ACCESS_PUBLIC_URL');

/** A request on its way through passport, with what the guard of its own application lends the strategies. */
export interface AuthenticatingRequest extends Pick<FastifyRequest, 'headers' | 'cookies'> {
  /** Passport's registry is one per process: strategies that kept a source would serve whichever application came last. */
  access: { source: PrincipalSource; cookieName: string };
}

/** `session`: the opaque cookie. Not looked at when the request brings an Authorization header: a call has one identity. */
@Injectable()
export class SessionStrategy extends PassportStrategy(CustomStrategy, 'session') {
  async validate(request: AuthenticatingRequest): Promise<Authenticated | null> {
    const token = request.cookies[request.access.cookieName];
    if (!token || token.length > 100 || request.headers.authorization !== undefined) return null;
    return request.access.source.bySession(token);
  }
}

/** `token`: `Authorization: Bearer clv_…`. */
@Injectable()
export class TokenStrategy extends PassportStrategy(BearerStrategy, 'token') {
  constructor() {
    super({ passReqToCallback: true });
  }

  /** Only the header counts: the package would also take `access_token` from the query (which gets logged) and the body. */
  override authenticate({ headers, access }: AuthenticatingRequest): void {
    super.authenticate({ headers, access });
  }

  async validate(
    { access }: Pick<AuthenticatingRequest, 'access'>,
    token: string,
  ): Promise<Authenticated | null> {
    const hash = bearerHash(token);
    return hash ? access.source.byToken(hash) : null;
  }
}
