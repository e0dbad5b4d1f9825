import { parseArgs } from 'node:util';
import { ClavigerError, ConnectionError, ContentNotKeptError } from '../errors.js';
import { COMMANDS, TestFailed, type Command } from './commands.js';
import { assertNoSecretIn, UsageError, type Io } from './io.js';
import { plain } from './print.js';

/** What is told in one line. */
const TOLD = [ClavigerError, ConnectionError, ContentNotKeptError, TypeError];

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const OPTIONS = {
  ...{ api: text, engine: text, workspace: text, name: text, provider: text, model: text, node: text },
  ...{ 'base-url': text, 'default-model': text, force: flag, stream: flag, json: flag, help: flag },
};

/** Runs one command. Answers the exit code: 0, 1 when it was refused or failed, 2 when it was asked for wrongly. `warn` gets one line. */
export async function main(io: Io, warn: (line: string) => void): Promise<number> {
  try {
    assertNoSecretIn(io.args);
    const { values, positionals } = parsed(io.args);
    const command = COMMANDS.find(({ words }) => begins(positionals, words));
    if (values.help || positionals.length === 0) io.say(help());
    else if (!command) throw new UsageError('There is no such command.');
    else await command.run(io, values, positionals.slice(command.words.split(' ').length));
    return 0;
  } catch (error) {
    if (error instanceof TestFailed) return 1;
    if (error instanceof UsageError) {
      warn(`${error.message}\n\n${help()}`);
      return 2;
    }
    if (!TOLD.some((kind) => error instanceof kind) || !(error instanceof Error)) throw error;
    warn(
      plain(
        error instanceof ClavigerError
          ? `${error.code}: ${error.message} (${error.requestId})`
          : error.message,
      ),
    );
    return 1;
  }
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch {
    // What it says quotes an argument.
    throw new UsageError('There is no such option, or its value is missing.');
  }
}

function begins(positionals: string[], words: string): boolean {
  return words.split(' ').every((word, at) => positionals[at] === word);
}

function help(): string {
  const lines = COMMANDS.map(({ words, usage }: Command) => `  claviger ${words} ${usage}`.trimEnd());
  return ['Secrets and tokens are read from standard input.', ...lines].join('\n');
}
