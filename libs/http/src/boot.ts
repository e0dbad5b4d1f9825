import { ConfigError } from '#lib/config';
import { AppError } from '#lib/kernel';
import { createLogger } from '#lib/telemetry';

/** Where a process listens, and the setting that says so. */
export interface ListeningPlace {
  host: string;
  port: number;
  setting: string;
}

/**
 * Runs the beginning of a process. When it fails, the process ends with exit code 1: what an operator can mend is printed
 * as plain lines, anything else is logged as errors are, since a foreign message may quote a key file or a login.
 */
export async function boot(processName: string, start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
    else if (error instanceof AppError)
      process.stderr.write(`${processName} cannot start: ${error.message}\n`);
    else createLogger({ process: processName }).error({ err: error }, `${processName} cannot start`);
    // Pools and listeners that were opened before would keep a process alive that serves nothing.
    process.exit(1);
  }
}

/** Listens by `listen`, and names the setting where that cannot be. Throws a ConfigError then. */
export async function listening<T>(
  processName: string,
  { host, port, setting }: ListeningPlace,
  listen: () => Promise<T>,
): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const mend = `Set ${setting} to another port, or 0 for any free one.`;
    if (code === 'EADDRINUSE') {
      const problem = `port ${port} is in use on ${host}`;
      throw new ConfigError(processName, [
        { variable: setting, problem, mend: `Stop the program that holds it, or s${mend.slice(1)}` },
      ]);
    }
    if (code === 'EACCES')
      throw new ConfigError(processName, [
        { variable: setting, problem: `port ${port} is not for this user to open`, mend },
      ]);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new ConfigError(processName, [
        {
          variable: 'CLAVIGER_HOST',
          problem: 'is no address of this machine',
          mend: 'Set it to one, e.g. 127.0.0.1.',
        },
      ]);
    throw error;
  }
}
