import { referenceAnswer, split } from './answer.js';
import { inOrder } from './words.js';
import type { RefAnswer, RefKey, RefPassedOver, RefRequest, RefWorld } from './world.js';

/** Why each assigned key that an answer does not name gets no call, asked of the model as a call that names this very key. */
export function referencePassedOver(
  world: RefWorld,
  request: RefRequest,
  answer: RefAnswer,
): RefPassedOver[] {
  const asked = split(world, request.model, request.provider);
  const pinned = world.keys.some((key) => key.number === asked.key && key.assigned !== null);
  const slug = asked.slug ?? request.provider;
  const told: RefPassedOver[] = [];
  for (const key of inOrder(world.keys.filter(({ assigned }) => assigned !== null))) {
    if (answer.ok && answer.order.includes(key.number)) continue;
    const elsewhere = { key: key.number, gate: 'provider' as const, code: null };
    if (asked.key !== undefined && asked.key !== key.number) {
      told.push({ ...elsewhere, says: [`key:${asked.key}`] });
    } else if (!pinned && slug !== undefined && slug !== key.vendor) {
      told.push({ ...elsewhere, says: [slug, key.vendor] });
    } else {
      const alone = referenceAnswer(world, request, key.number);
      if (alone.ok) told.push({ ...elsewhere, says: asked.model === undefined ? [] : [asked.model] });
      else
        told.push({
          key: key.number,
          gate: alone.gate,
          code: alone.code,
          says: wordsOf(world, key, alone.gate),
        });
    }
  }
  return told;
}

function wordsOf(world: RefWorld, key: RefKey, gate: string): string[] {
  if (gate === 'key') return [`"key ${key.number}"`];
  if (gate === 'policy') return ['OWNER'];
  const isTheKeys = gate === 'plan' && !world.workspaceReadOnly && !world.caller.beyondPlan && key.readOnly;
  return isTheKeys ? [`"key ${key.number}"`, 'plan'] : [];
}
