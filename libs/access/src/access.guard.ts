import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { ClavigerError, type Permission } from '#lib/contracts';
import { requestContext, ROUTE_PERMISSION, ROUTE_PUBLIC } from '#lib/http';
import { assertWithinLimits } from './beyond-limits.js';
import { assertInPlan } from './beyond-plan.js';
import { can, documentCovers, type ActsOn } from './can.js';
import { LISTS_ROWS, OPTIONAL_SESSION, ROUTE_OPERATOR } from './decorators.js';
import { idsNamedIn } from './named-ids.js';
import { assertOperator, OPERATOR_TOKEN } from './operator.js';
import { assertCsrfToken, assertOwnOrigin, isWrite } from './origin.js';
import { actorOf, type Authenticated } from './principal.js';
import { forbidden } from './refusal.js';
import { PRINCIPAL_SOURCE, type PrincipalSource } from './principal-source.js';
import { sessionCookieName } from './session-cookie.js';
import { PUBLIC_URL, type AuthenticatingRequest } from './strategies.js';

type GuardedRequest = FastifyRequest & Partial<AuthenticatingRequest> & { user?: Authenticated | null };

/** Passport's part of the guard: who is it. Answers null rather than throwing, the guard below decides. */
class Authentication extends AuthGuard(['token', 'session']) {
  override handleRequest<T>(error: unknown, user: T): T {
    if (error) throw error;
    return (user || null) as T;
  }
}

/** Runs before a body or an id is looked at: authentication → origin and CSRF of cookie writes → permission. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly authentication = new Authentication();

  constructor(
    private readonly reflector: Reflector,
    @Inject(PRINCIPAL_SOURCE) private readonly source: PrincipalSource,
    @Inject(PUBLIC_URL) private readonly publicUrl: string,
    @Inject(OPERATOR_TOKEN) private readonly operatorToken: string | null,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const handler = context.getHandler();
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    if (this.reflector.get<boolean>(ROUTE_PUBLIC, handler)) {
      const optional = this.reflector.get<boolean>(OPTIONAL_SESSION, handler) ?? false;
      return this.openTo(context, request, optional);
    }
    if (this.reflector.get<boolean>(ROUTE_OPERATOR, handler)) return this.openToOperator(request);
    const found = await this.authenticate(context, request);
    if (!found)
      throw new ClavigerError(
        'unauthenticated',
        'Sign in, or send a valid token as "Authorization: Bearer clv_…". A token ends with the membership of who issued it: an OWNER or ADMIN can issue another one.',
      );
    this.assertOrigin(request, found);
    const permission = this.reflector.get<Permission | undefined>(ROUTE_PERMISSION, handler);
    const lists = this.reflector.get<boolean>(LISTS_ROWS, handler) ?? false;
    this.assertPermission(found, permission, actsOn(request, lists));
    return true;
  }

  private async openTo(
    context: ExecutionContext,
    request: GuardedRequest,
    optional: boolean,
  ): Promise<boolean> {
    if (isWrite(request.method)) assertOwnOrigin(request, this.publicUrl);
    const found = optional ? await this.authenticate(context, request) : null;
    if (found) this.assertOrigin(request, found);
    return true;
  }

  private openToOperator(request: GuardedRequest): boolean {
    assertOperator(request.headers.authorization, this.operatorToken);
    requestContext.setCaller({ actor: 'operator', orgId: null });
    return true;
  }

  private async authenticate(
    context: ExecutionContext,
    request: GuardedRequest,
  ): Promise<Authenticated | null> {
    request.access = { source: this.source, cookieName: sessionCookieName(this.publicUrl) };
    await this.authentication.canActivate(context);
    const found = request.user ?? null;
    if (found?.principal)
      requestContext.setCaller({ actor: actorOf(found.principal), orgId: found.principal.orgId });
    else if (found?.account) requestContext.setCaller({ actor: found.account.userId, orgId: null });
    return found;
  }

  private assertOrigin(request: GuardedRequest, found: Authenticated): void {
    if (!found.account || !isWrite(request.method)) return;
    assertOwnOrigin(request, this.publicUrl);
    assertCsrfToken(request, found.account.csrfToken);
  }

  private assertPermission(found: Authenticated, permission: Permission | undefined, acts: ActsOn): void {
    if (permission === undefined)
      throw new Error('a route without a permission was reached: assertEveryRouteDeclares did not run');
    if (permission.startsWith('account:') && found.account) return;
    const { principal } = found;
    if (principal && can(principal, permission) && documentCovers(principal, permission, acts)) {
      assertWithinLimits(principal, permission);
      assertInPlan(principal, permission);
      return;
    }
    if (principal) throw forbidden(permission, principal);
    throw new ClavigerError(
      'forbidden',
      found.pending
        ? 'You have not been approved yet. Ask an OWNER of the organization to approve you under Members.'
        : 'You are no active member of the organization that this session works in. Switch to another one, or ask an OWNER for an invite link.',
    );
  }
}

function actsOn({ method, params, query, body }: GuardedRequest, lists: boolean): ActsOn {
  const path = Object.values(params ?? {}).filter((value) => typeof value === 'string');
  return { path, beside: [...idsNamedIn(query), ...idsNamedIn(body)], lists, writes: isWrite(method) };
}
