import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBearerAuth, ApiCookieAuth, ApiExtension } from '@nestjs/swagger';
import { ClavigerError, type Permission } from '#lib/contracts';
import { PublicRoute, ROUTE_PERMISSION } from '#lib/http';
import type { Account, Authenticated, Principal } from './principal.js';

/** Metadata key of a public route that also looks at the session, when there is one. */
export const OPTIONAL_SESSION = 'claviger:optional-session';

/** Metadata key of a route that belongs to the operator. */
export const ROUTE_OPERATOR = 'claviger:operator';

/** Metadata key of a list that shows a token only the rows of its document. */
export const LISTS_ROWS = 'claviger:lists-rows';

/**
 * A list whose service leaves out the rows that the caller's permission document does not cover (`coversRow`). A reading route
 * that names no row and lacks this is refused to a document that does not cover the whole organization.
 */
export function ListsRows(): MethodDecorator {
  return SetMetadata(LISTS_ROWS, true);
}

/** The permission without which the route answers 403. Every route has this or `@Public()`, else the boot fails. */
export function RequiresPermission(permission: Permission): MethodDecorator {
  return applyDecorators(
    SetMetadata(ROUTE_PERMISSION, permission),
    RouteConfig({ permission }),
    ApiExtension('x-permission', permission),
    ApiBearerAuth('token'),
    ApiCookieAuth('session'),
  );
}

/** For the platform's operator alone: `Authorization: Bearer <CLAVIGER_OPERATOR_TOKEN>`. No role of any organization counts. */
export function OperatorOnly(): MethodDecorator {
  return applyDecorators(
    SetMetadata(ROUTE_OPERATOR, true),
    RouteConfig({ operator: true }),
    ApiExtension('x-operator', true),
    ApiBearerAuth('operator'),
  );
}

/** Open to everybody. */
export function Public(): MethodDecorator {
  return PublicRoute();
}

/** Open to everybody; a valid session cookie is recognised (and its write then needs the CSRF token). */
export function OptionalSession(): MethodDecorator {
  return applyDecorators(PublicRoute(), SetMetadata(OPTIONAL_SESSION, true));
}

/** The acting principal. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const principal = authenticatedOf(context)?.principal;
  if (!principal)
    throw new ClavigerError(
      'forbidden',
      'You are not an active member of an organization. Ask an OWNER to approve you.',
    );
  return principal;
});

/** The signed-in person; routes of `account:*` need no membership. */
export const CurrentAccount = createParamDecorator((_: unknown, context: ExecutionContext): Account => {
  const account = authenticatedOf(context)?.account;
  if (!account)
    throw new ClavigerError(
      'unauthenticated',
      'Sign in: this is about your own account, and no token speaks for it.',
    );
  return account;
});

/** What authentication found on a route with `@OptionalSession()`. */
export const MaybeAccount = createParamDecorator(
  (_: unknown, context: ExecutionContext): Account | null => authenticatedOf(context)?.account ?? null,
);

function authenticatedOf(context: ExecutionContext): Authenticated | null {
  return context.switchToHttp().getRequest<{ user?: Authenticated | null }>().user ?? null;
}
