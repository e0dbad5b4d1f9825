import { ValidateBy } from 'class-validator';

const SURFACE = /^[a-z][a-z0-9_]{0,63}$/;
const MODEL = /^[^\s\p{Cc}]{1,200}$/u;
const MOST = 100;

/** A map of surface names to model ids. */
export function IsSurfaces(): PropertyDecorator {
  return ValidateBy({
    name: 'isSurfaces',
    validator: {
      validate: (value: unknown) => typeof value === 'object' && value !== null && isSurfaces(value),
      defaultMessage: () =>
        'Map surfaces (small letters, digits, underscores) to model ids, e.g. {"agent_complex": "large-1"}.',
    },
  });
}

function isSurfaces(value: object): boolean {
  const entries: [string, unknown][] = Object.entries(value);
  const fits = ([surface, model]: [string, unknown]) =>
    SURFACE.test(surface) && typeof model === 'string' && MODEL.test(model);
  return entries.length <= MOST && entries.every(fits);
}
