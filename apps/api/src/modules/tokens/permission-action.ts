import { ValidateBy, type ValidationOptions } from 'class-validator';
import { isKnownAction } from '#lib/access';

const MESSAGE =
  'Name permissions that exist, like workspaces:GetWorkspace, or a glob that matches some, like workspaces:*.';

/** A permission string or glob that matches at least one permission, so that a slip of the pen is not silently useless. */
export function IsPermissionAction(options?: ValidationOptions): PropertyDecorator {
  const validator = {
    validate: (value: unknown): boolean =>
      typeof value === 'string' && value.length <= 100 && isKnownAction(value),
    defaultMessage: (): string => MESSAGE,
  };
  return ValidateBy({ name: 'isPermissionAction', validator }, options);
}
