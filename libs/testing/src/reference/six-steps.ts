import { modelRefused } from './policies.js';
import { curatedList, globMatches, modelOf, no, ownerNames, recordNames } from './words.js';
import type { RefKey, RefRefusal, RefRequest, RefVendor, RefWorld } from './world.js';

interface Named {
  ok: true;
  model: string;
  step: 1 | 2 | 3 | 4 | 5 | 6;
}

/** What one usable key gives a call: a model and the step that named it, or the gate that stops this key. */
export function askKey(
  world: RefWorld,
  key: RefKey,
  vendor: RefVendor,
  wanted: string | undefined,
  request: RefRequest,
): Named | RefRefusal {
  // Step 1. A model passes no gate by being named (14): they are asked of it below.
  const found: Named | RefRefusal =
    wanted === undefined ? byDefault(world, key, vendor, request) : { ok: true, model: wanted, step: 1 };
  if (!found.ok) return found;
  if (world.planModels !== null) {
    const full = `${vendor.slug}/${found.model}`;
    if (!world.planModels.some((glob) => globMatches(glob, full))) return no('plan', 'plan_limit_reached');
  }
  // The plan speaks before the policies, the policies before the curated list, and that before the capability.
  if (wanted !== undefined) {
    const refused = modelRefused(world, key, wanted);
    if (refused !== undefined) return no('policy', refused);
    if (!listed(key, vendor, wanted)) return no('curated', 'model_not_available');
  }
  const model = modelOf(vendor, found.model);
  if (model?.retired) return no('curated', 'model_not_available');
  if (request.tools.length > 0 && model?.tools === 'no') return no('capability', 'model_lacks_tools');
  return found;
}

/** The curated list, or without one what the provider's record or an owner names, or anything where any id is taken. */
function listed(key: RefKey, vendor: RefVendor, model: string): boolean {
  const list = curatedList(key);
  if (list !== null) return list.includes(model);
  return vendor.takesAny || recordNames(vendor, model) || ownerNames(key, model);
}

/** Steps 2 to 6. What is curated out or forbidden by a policy is passed over. */
function byDefault(world: RefWorld, key: RefKey, vendor: RefVendor, request: RefRequest): Named | RefRefusal {
  const list = curatedList(key);
  const refusal = (model: string): string | undefined => modelRefused(world, key, model);
  const lacksTools = (model: string): boolean =>
    request.tools.length > 0 && modelOf(vendor, model)?.tools === 'no';
  const ofSurface = request.surface === undefined ? undefined : vendor.surfaces[request.surface];
  // Why the first of them is passed over: it is told where nothing is left.
  let forbidden: string | undefined;

  for (const own of [key.assigned?.defaultModel, key.defaultModel]) {
    if (own === null || own === undefined) continue;
    if (list !== null && !list.includes(own)) continue;
    if (refusal(own) === undefined) return { ok: true, model: own, step: 2 };
    forbidden ??= refusal(own);
  }

  if (list !== null) {
    if (ofSurface !== undefined && list.includes(ofSurface)) {
      const may = refusal(ofSurface) === undefined && !lacksTools(ofSurface);
      if (may) return { ok: true, model: ofSurface, step: 3 };
    }
    let toolless = false;
    for (const model of list) {
      if (refusal(model) !== undefined) forbidden ??= refusal(model);
      else if (lacksTools(model)) toolless = true;
      else return { ok: true, model, step: 4 };
    }
    // Not the whole list lacks tools where a policy took a part of it: the policy speaks first.
    if (forbidden !== undefined) return no('policy', forbidden);
    if (toolless) return no('capability', 'model_lacks_tools');
    return no('curated', 'model_not_available');
  }

  if (ofSurface !== undefined) {
    if (refusal(ofSurface) === undefined) return { ok: true, model: ofSurface, step: 5 };
    forbidden ??= refusal(ofSurface);
  }
  if (vendor.defaultModel !== null) {
    const refused = refusal(vendor.defaultModel);
    if (refused === undefined) return { ok: true, model: vendor.defaultModel, step: 6 };
    forbidden ??= refused;
  }
  return forbidden === undefined ? no('curated', 'model_not_available') : no('policy', forbidden);
}
