import { createServer } from 'node:net';

/** The name of a port and the setting that chooses it. */
export type PortName = 'web' | 'api' | 'engine' | 'worker' | 'upstream';
export type Ports = Record<PortName, number>;

/**
 * Turns wished-for ports into ones that are free: 0 becomes any free one. Throws an Error that lists every clash, with the
 * setting that mends it.
 */
export async function choosePorts(wished: Partial<Ports>, host: string): Promise<Partial<Ports>> {
  const chosen: Partial<Ports> = {};
  const clashes: string[] = [];
  const held: (() => Promise<void>)[] = [];
  for (const [name, port] of Object.entries(wished) as [PortName, number][]) {
    const probe = await tryListen(port, host);
    if (probe) {
      chosen[name] = probe.port;
      held.push(probe.release);
    } else {
      clashes.push(
        `port ${port} (${name}) is in use: stop the program that holds it, or set ${settingOf(name)} to another port or 0 for any free one`,
      );
    }
  }
  // Held until all are chosen, so that two free ports are never the same one.
  await Promise.all(held.map((release) => release()));
  if (clashes.length > 0) throw new Error(`Cannot start:\n  ${clashes.join('\n  ')}`);
  return chosen;
}

function settingOf(name: PortName): string {
  return `CLAVIGER_${name.toUpperCase()}_PORT`;
}

async function tryListen(
  port: number,
  host: string,
): Promise<{ port: number; release: () => Promise<void> } | undefined> {
  const server = createServer();
  const bound = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, host, () => resolve(true));
  });
  const address = server.address();
  if (!bound || address === null || typeof address === 'string') return undefined;
  return { port: address.port, release: () => new Promise((resolve) => server.close(() => resolve())) };
}
