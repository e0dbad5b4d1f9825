import { PERMISSIONS, type PermissionStatement } from '#lib/contracts';
import { globMatches } from './glob.js';

/** `ai-providers:List*` → `aiProviders:List*` (PRODUCT, decision 4). */
export function normalizeAction(action: string): string {
  const [resource = '', ...rest] = action.split(':');
  const camel = resource.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return [camel, ...rest].join(':');
}

/** Whether an action of a permission document names at least one permission that exists. */
export function isKnownAction(action: string): boolean {
  const pattern = normalizeAction(action);
  return PERMISSIONS.some((permission) => globMatches(pattern, permission));
}

/**
 * Whether a permission document allows `action` on the resource; any Deny beats every Allow, and silence is no.
 *
 * @param resource the id acted on, or the ids that name it (a member of a workspace has two): a statement covers it when it
 *   covers one of them. Without any the question is whether it may be allowed on some: a Deny then counts only when it denies all.
 */
export function statementsAllow(
  statements: PermissionStatement[],
  action: string,
  ...resource: string[]
): boolean {
  const onSome = resource.length === 0;
  const matching = statements.filter(({ actions }) =>
    actions.some((glob) => globMatches(normalizeAction(glob), action)),
  );
  const covers = ({ resources }: PermissionStatement) =>
    resources.some((glob) => (onSome ? glob === '*' : resource.some((id) => globMatches(glob, id))));
  if (matching.some((statement) => statement.effect === 'Deny' && covers(statement))) return false;
  return matching.some((statement) => statement.effect === 'Allow' && (onSome || covers(statement)));
}

/**
 * Whether a permission document allows `action` on the organization as a whole, with nothing left out: what a log or a sum shows
 * cannot be told apart by rows.
 */
export function statementsAllowWhole(
  statements: PermissionStatement[],
  action: string,
  named: readonly string[],
): boolean {
  const leftOut = statements.some(
    ({ effect, actions }) =>
      effect === 'Deny' && actions.some((glob) => globMatches(normalizeAction(glob), action)),
  );
  return !leftOut && named.every((id) => statementsAllow(statements, action, id));
}
