import { ValidateBy, type ValidationOptions } from 'class-validator';
import { isKnownAction, normalizeAction } from '#lib/access';
import type { PermissionStatement } from '#lib/contracts';

const MESSAGE =
  'Name permissions that exist, like workspaces:GetWorkspace, or a glob that matches some, like workspaces:*.';
/** For an entry of a document that is neither a permission string nor a statement. */
export const PERMISSION_MESSAGE = `Give a permission string or a statement. ${MESSAGE}`;

/** A permission string or glob that matches at least one permission, in either spelling. */
export function isPermissionAction(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 100 && isKnownAction(value);
}

/** Refuses what matches no permission, so that a slip of the pen is not silently useless. */
export function IsPermissionAction(options?: ValidationOptions): PropertyDecorator {
  const validator = { validate: isPermissionAction, defaultMessage: (): string => MESSAGE };
  return ValidateBy({ name: 'isPermissionAction', validator }, options);
}

/** A statement as it is kept: what was left out filled in, permissions in the one spelling (PRODUCT, decision 4). */
export function toStatement(input: {
  effect?: 'Allow' | 'Deny';
  actions: string[];
  resources?: string[];
}): PermissionStatement {
  const { effect = 'Allow', actions, resources = ['*'] } = input;
  return { effect, actions: actions.map(normalizeAction), resources };
}
