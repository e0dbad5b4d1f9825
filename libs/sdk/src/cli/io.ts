/** What the program has of its surroundings. */
export interface Io {
  /** Words after the program's name. */
  args: string[];
  env: Readonly<Record<string, string | undefined>>;
  stdin: AsyncIterable<Uint8Array> & { isTTY?: boolean };
  /** Writes a line to standard output, or text as it is. */
  say(line: string): void;
  tell(text: string): void;
}

/** The user asked for something that there is not, or in a way that is refused: exit code 2. */
export class UsageError extends Error {}

/**
 * A secret from standard input, without its last line break. Throws UsageError at a terminal, which would show it, and where nothing came.
 */
export async function secretFrom({ stdin }: Io, what: string): Promise<string> {
  if (stdin.isTTY)
    throw new UsageError(`Pipe the ${what} in: it is read from standard input, e.g. \`… < file\`.`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(chunk);
  const secret = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (secret === '') throw new UsageError(`Nothing came on standard input: pipe the ${what} in.`);
  return secret;
}

/** Throws UsageError when an argument is a secret: others on the machine can read it, and the shell has kept it. */
export function assertNoSecretIn(args: readonly string[]): void {
  const isSecret = (arg: string): boolean =>
    /clv_(?:api|eng|ws)_\w{8}/.test(arg) || /^--?(?:secret|token|api-?key|key|password)(?:=|$)/i.test(arg);
  if (args.some(isSecret))
    throw new UsageError(
      'Secrets are read from standard input only. One that was given as an argument is in the history of your shell: replace it.',
    );
}
