import { z } from 'zod';

/** A message of the form `problem|mend`; `load` splits it. */
export function fault(problem: string, mend: string): string {
  return `${problem}|${mend}`;
}

const YES = ['yes', 'on', 'true', '1'];
const NO = ['no', 'off', 'false', '0'];

/** What is said of a switch that is neither, in the words that its documents use. */
export const NOT_ON_OR_OFF = fault('is neither on nor off', 'Use on or off.');
export const NOT_YES_OR_NO = fault('is neither yes nor no', 'Use yes or no.');

/** A switch. Accepts yes/on/true/1 and no/off/false/0. */
export function flag(fallback: boolean, otherwise = NOT_ON_OR_OFF): z.ZodType<boolean> {
  return z
    .string()
    .toLowerCase()
    .refine((text) => YES.includes(text) || NO.includes(text), otherwise)
    .transform((text) => YES.includes(text))
    .default(fallback);
}

const notAPort = fault('is not a port number', 'Use a whole number from 0 (any free port) to 65535.');

/** A TCP port, 0 to 65535; 0 means any free one. */
export const portField = z
  .string()
  .regex(/^\d{1,5}$/, notAPort)
  .transform(Number)
  .refine((value) => value <= 65_535, notAPort);

/** An absolute URL with one of the given schemes. */
export function url(schemes: readonly string[], example: string): z.ZodType<string> {
  return z
    .string()
    .refine(
      (text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)),
      fault(`is not a URL with the scheme ${schemes.join(' or ')}`, `Write it like ${example}.`),
    );
}

/** A URL that must be there. */
export function required<T>(inner: z.ZodType<T>, mend: string): z.ZodType<T> {
  return z.preprocess((value, context) => {
    if (value !== undefined) return value;
    context.issues.push({
      code: 'custom',
      message: fault('is not set', mend),
      input: value,
      continue: false,
    });
    return z.NEVER;
  }, inner);
}

/** One of a closed list of words. */
export function choice<const T extends readonly [string, ...string[]]>(
  options: T,
  fallback: T[number],
): z.ZodType<T[number]> {
  return z
    .enum(options, { error: () => fault('is not a known value', `Use one of: ${options.join(', ')}.`) })
    .default(fallback);
}

/** A comma-separated list; blanks around entries are dropped. */
export function list(): z.ZodType<string[]> {
  return z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== ''),
    )
    .default([]);
}

/** A short name that ends up in file names, AAD and database rows. */
export function slug(fallback: string): z.ZodType<string> {
  return z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9-]{0,62}$/,
      fault('is not a plain name', 'Use lower-case letters, digits and hyphens, at most 63.'),
    )
    .default(fallback);
}

/** A database as `login` reaches it; each process is told of its own. */
export const databaseUrlOf = (login: string): z.ZodType<string> =>
  url(['postgres', 'postgresql'], databaseUrlExample(login));
export const databaseUrlExample = (login: string): string =>
  `postgresql://${login}:…@localhost:5432/claviger`;
/** The owner's. */
export const databaseUrlField = databaseUrlOf('postgres');
export const httpUrlField = url(['http', 'https'], 'https://claviger.example.com');
export const redisUrlField = url(['redis', 'rediss'], 'redis://localhost:6379/0');
