import { isRealModel, noProvider, type Catalogue } from '#lib/catalog';
import type { ModelAlias } from '#lib/contracts';
import type { FieldFault } from '#lib/kernel';

/**
 * Every fault of a set of aliases: a name that means a model already, one that is given twice, a list that names an alias or
 * a provider that is none.
 * @param taken names that a key or an assignment of the organization has as a model
 */
export function aliasFaults(
  aliases: readonly ModelAlias[],
  catalogue: Catalogue,
  taken: ReadonlySet<string>,
): FieldFault[] {
  const names = new Set(aliases.map(({ name }) => name));
  const seen = new Set<string>();
  return aliases.flatMap(({ name, workspaceId, models }, index) => {
    const at = `/aliases/${index}`;
    const faults: FieldFault[] = [];
    const key = `${name} ${workspaceId ?? ''}`;
    if (seen.has(key))
      faults.push({ pointer: `${at}/name`, detail: `"${name}" is there twice for the same workspaces.` });
    seen.add(key);
    if (taken.has(name) || isRealModel({ assignments: [] }, catalogue, name))
      faults.push({
        pointer: `${at}/name`,
        detail: `"${name}" is the id of a model. Choose a name that no model has.`,
      });
    models.forEach((model, place) => {
      const detail = modelFault(model, catalogue, names, taken);
      if (detail) faults.push({ pointer: `${at}/models/${place}`, detail });
    });
    return faults;
  });
}

/** The key that a model of an alias pins, as it is written there: it may be none. */
export function pinnedKey(model: string): string | undefined {
  return /^@(aip_[^/]*)\/./.exec(model)?.[1];
}

function modelFault(
  model: string,
  catalogue: Catalogue,
  names: ReadonlySet<string>,
  taken: ReadonlySet<string>,
): string | null {
  const [, slug, pinned] = /^@([^/]+)\/(.+)$/.exec(model) ?? [];
  if (names.has(pinned ?? model)) return `"${pinned ?? model}" is an alias itself. Name models.`;
  if (slug === undefined || slug.startsWith('aip_') || catalogue.provider(slug)) return null;
  // An id that begins with an @ by itself.
  if (taken.has(model)) return null;
  const valid = catalogue.providers.map((provider) => provider.slug).join(', ');
  return `${noProvider(slug)} Use one of: ${valid}.`;
}
