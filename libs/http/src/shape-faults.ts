import { getMetadataStorage, ValidationTypes } from 'class-validator';
import type { FieldFault } from '#lib/kernel';
import { isPlainObject, segment } from './pointers.js';

/** What the rules of a field say of its shape. */
interface Shape {
  list: boolean;
  nested: boolean;
  /** The house's own words for an entry of the wrong shape. */
  message: string | null;
  most: number;
}

/**
 * What class-validator lets through: a rule for `each` entry passes a field that is no list, and a nested object may be null, a
 * list, or a list of lists. Found in the rules themselves, so that no DTO can forget to ask.
 *
 * @returns the faults; `tooMany` when a list is so long that looking at its entries would be the caller's way of keeping us busy
 */
export function shapeFaults(instance: object, parent = ''): { faults: FieldFault[]; tooMany: boolean } {
  const found = { faults: [] as FieldFault[], tooMany: false };
  const add = (inner: { faults: FieldFault[]; tooMany: boolean }) => {
    found.faults.push(...inner.faults);
    found.tooMany ||= inner.tooMany;
  };
  for (const [field, shape] of shapesOf(instance.constructor)) {
    const held: unknown = Reflect.get(instance, field);
    if (held === undefined) continue;
    const pointer = `${parent}/${segment(field)}`;
    if (!shape.list) {
      if (shape.nested) add(entryFaults(held, pointer, shape));
    } else if (!Array.isArray(held)) {
      found.faults.push({ pointer, detail: 'Give a list.' });
    } else if (held.length > shape.most) {
      add({ faults: [{ pointer, detail: `Give at most ${shape.most} entries.` }], tooMany: true });
    } else if (shape.nested) {
      held.forEach((entry, index) => add(entryFaults(entry, `${pointer}/${index}`, shape)));
    }
  }
  return found;
}

function entryFaults(value: unknown, pointer: string, { message }: Shape): ReturnType<typeof shapeFaults> {
  if (isPlainObject(value)) return shapeFaults(value, pointer);
  return { faults: [{ pointer, detail: message ?? 'Give an object.' }], tooMany: false };
}

function shapesOf(type: object): Map<string, Shape> {
  const shapes = new Map<string, Shape>();
  if (typeof type !== 'function') return shapes;
  for (const rule of getMetadataStorage().getTargetValidationMetadatas(type, '', false, false)) {
    const nested = rule.type === ValidationTypes.NESTED_VALIDATION;
    const own = typeof rule.message === 'string' && !rule.message.includes('$property') ? rule.message : null;
    const shape = shapes.get(rule.propertyName) ?? {
      list: false,
      nested: false,
      message: null,
      most: Infinity,
    };
    shape.list ||= rule.each || rule.name === 'isArray';
    shape.nested ||= nested;
    if (nested) shape.message ??= own;
    if (rule.name === 'arrayMaxSize') shape.most = Math.min(shape.most, Number(rule.constraints[0]));
    shapes.set(rule.propertyName, shape);
  }
  return shapes;
}
