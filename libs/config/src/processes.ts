import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { fault } from './fields.js';

const MOST = 128;
const NO_COUNT = fault('is not a number of processes', `Use a whole number from 1 to ${MOST}, or auto.`);

/** `CLAVIGER_ENGINE_PROCESSES`: a number, or `auto` for one per core that this machine lets us use. */
export const processesField: z.ZodType<number> = z
  .string()
  .transform((text) =>
    text.toLowerCase() === 'auto' ? Math.min(availableParallelism(), MOST) : Number(text),
  )
  .refine((count) => Number.isInteger(count) && count >= 1 && count <= MOST, NO_COUNT)
  .default(1);
