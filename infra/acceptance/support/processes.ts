import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Whether a process runs. One that has ended and waits to be noticed by its parent does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^\) Z/.test(stat.slice(stat.lastIndexOf(')')));
  } catch {
    return false;
  }
}

/** The processes that still run after `withinMs`. */
export async function stillRunning(pids: Record<string, number>, withinMs: number): Promise<string[]> {
  const left = () => Object.keys(pids).filter((name) => isRunning(pids[name] ?? 0));
  for (let waited = 0; waited < withinMs && left().length > 0; waited += 50) await delay(50);
  return left();
}

/** The ports among `ports` on which something takes connections. */
export async function openPorts(ports: Record<string, number>): Promise<string[]> {
  const names = Object.keys(ports);
  const open = await Promise.all(names.map((name) => accepts(ports[name] ?? 0)));
  return names.filter((_, index) => open[index]);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
