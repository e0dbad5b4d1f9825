import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

/** Metadata key of a write that goes on while the database is an unacknowledged old copy. */
export const WHILE_RESTORED = 'claviger:while-restored';

/** Whether this body takes something away and gives nothing. It is not validated yet. */
export type TakesAway = (body: Readonly<Record<string, unknown>>) => boolean;

/**
 * A write that takes away (a key, a token, a right), ends or begins a session, or only asks: it goes on while the database
 * is an old copy, so that what revived can be revoked again before anything is served. Every other write is refused then.
 * `when`: where it depends on what is sent. Shown as `x-while-restored` in the document.
 */
export function WhileRestored(when: TakesAway = () => true): MethodDecorator {
  return applyDecorators(SetMetadata(WHILE_RESTORED, when), ApiExtension('x-while-restored', true));
}

/** Nothing but this one field is sent, with this value. */
export function only(field: string, value: unknown): TakesAway {
  return (body) => Object.keys(body).join() === field && body[field] === value;
}

/** Every field that is sent says no. */
export const onlyNoes: TakesAway = (body) => Object.values(body).every((value) => value === false);
