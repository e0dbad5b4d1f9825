export { AccessModule } from './access.module.js';
export { assertEveryRouteDeclares } from './assert-routes.js';
export { assertWorkspace, can, coversRow, documentCovers, seesWorkspace } from './can.js';
export {
  CurrentAccount,
  CurrentPrincipal,
  ListsRows,
  MaybeAccount,
  OperatorOnly,
  OptionalSession,
  Public,
  RequiresPermission,
} from './decorators.js';
export { LookupsPrincipalSource } from './lookups-source.js';
export { actorOf, type Account, type Authenticated, type Principal } from './principal.js';
export { PRINCIPAL_SOURCE, type PrincipalSource } from './principal-source.js';
export { forbidden } from './refusal.js';
export { roleAllows } from './role-rights.js';
export { csrfTokenFor, sessionCookieName } from './session-cookie.js';
export { isKnownAction, normalizeAction } from './statements.js';
export { PUBLIC_URL } from './strategies.js';
export { signTicket, TICKET_SECONDS, verifyTicket } from './ticket.js';
