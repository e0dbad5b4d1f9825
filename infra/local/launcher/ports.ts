import { createServer } from 'node:net';

/** The name of a port and the setting that chooses it. */
export type PortName = 'web' | 'api' | 'engine' | 'worker' | 'upstream';
export type Ports = Record<PortName, number>;
export type MetricsPorts = Record<'api' | 'engine', number>;

/** A port that something of ours is to listen on. */
export interface PortWish {
  /** What will listen, for messages. */
  name: string;
  /** 0: any free one. */
  port: number;
  /** The setting that moves it. */
  setting: string;
}

/**
 * Turns wished-for ports into ones that are free, in the same order: 0 becomes any free one. Throws an Error that lists
 * every clash, with the setting that mends it.
 */
export async function choosePorts(wishes: readonly PortWish[], host: string): Promise<number[]> {
  const chosen: number[] = [];
  const clashes: string[] = [];
  const held: (() => Promise<void>)[] = [];
  for (const [index, wish] of wishes.entries()) {
    const probe = await tryListen(wish.port, host);
    if ('problem' in probe) {
      const twin = wishes.slice(0, index).find(({ port }, at) => port === wish.port && chosen[at] === port);
      clashes.push(describe(wish, host, probe.problem, twin));
    } else held.push(probe.release);
    chosen.push('problem' in probe ? -1 : probe.port);
  }
  // Held until all are chosen, so that two free ports are never the same one.
  await Promise.all(held.map((release) => release()));
  if (clashes.length > 0) throw new Error(`Cannot start:\n  ${[...new Set(clashes)].join('\n  ')}`);
  return chosen;
}

/** The ports of the processes that are asked for. */
export function portWishes(ports: Ports, names: readonly PortName[]): PortWish[] {
  return names.map((name) => ({
    name,
    port: ports[name],
    setting: `CLAVIGER_${name.toUpperCase()}_PORT`,
  }));
}

/** One number for two planes on one machine: the api's, and the next one for the engine. */
export function metricsWishes(port: number | null): PortWish[] {
  if (port === null) return [];
  const setting = 'CLAVIGER_METRICS_PORT';
  return [
    { name: 'metrics of the api', port, setting },
    { name: 'metrics of the engine', port: port === 0 ? 0 : port + 1, setting },
  ];
}

function describe({ name, port, setting }: PortWish, host: string, problem: string, twin?: PortWish): string {
  const mend = `set ${setting} to another port or 0 for any free one`;
  if (twin) return `port ${port} is wanted twice, by ${twin.name} (${twin.setting}) and by ${name}: ${mend}`;
  switch (problem) {
    case 'EADDRINUSE':
      return `port ${port} (${name}) is in use: stop the program that holds it, or ${mend}`;
    case 'EACCES':
      return `port ${port} (${name}) is not for this user to open: ${mend}`;
    default:
      return `${host} is no address of this machine (${problem}): set CLAVIGER_HOST to one, e.g. 127.0.0.1`;
  }
}

async function tryListen(
  port: number,
  host: string,
): Promise<{ port: number; release: () => Promise<void> } | { problem: string }> {
  const server = createServer();
  const problem = await new Promise<string | null>((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.name));
    server.listen(port, host, () => resolve(null));
  });
  const address = server.address();
  if (problem !== null || address === null || typeof address === 'string')
    return { problem: problem ?? 'no port' };
  return { port: address.port, release: () => new Promise((resolve) => server.close(() => resolve())) };
}
