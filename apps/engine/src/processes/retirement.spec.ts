import { afterEach, describe, expect, it } from '@jest/globals';
import { Agent, createServer, request, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Retirement } from './retirement.js';

let server: Server;
const agents: Agent[] = [];
afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy();
  server.closeAllConnections();
  server.close();
});

/** Answers at once, or after as many milliseconds as the path says. */
async function started(): Promise<{ retirement: Retirement; port: number }> {
  server = createServer((asked, answer) => {
    setTimeout(() => answer.end(asked.url), Number(asked.url?.slice(1)));
  });
  const retirement = new Retirement(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { retirement, port: (server.address() as AddressInfo).port };
}

function ask(
  port: number,
  agent: Agent,
  path: string,
): Promise<{ text: string; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, agent, path }, (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('end', () => resolve({ text, connection: response.headers.connection }));
    })
      .on('error', reject)
      .end();
  });
}

function connection(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agents.push(agent);
  return agent;
}

describe('a server that retires', () => {
  it('answers what is under way, and the next request of an open connection as its last', async () => {
    const { retirement, port } = await started();
    const [idle, busy] = [connection(), connection()];
    expect((await ask(port, idle, '/0')).connection).toBe('keep-alive');
    const slow = ask(port, busy, '/300');
    await delay(50);
    const retiring = retirement.retire(30_000, () => true);
    expect(await ask(port, idle, '/1')).toEqual({ text: '/1', connection: 'close' });
    expect(await slow).toEqual({ text: '/300', connection: 'close' });
    await retiring;
    await expect(ask(port, connection(), '/0')).rejects.toThrow(/ECONNREFUSED/);
  });

  it('closes connections over which nothing comes any more, and waits for what else is under way', async () => {
    const { retirement, port } = await started();
    const silent = connect(port, '127.0.0.1');
    await once(silent, 'connect');
    let isIdle = false;
    let isOver = false;
    const retiring = retirement.retire(30_000, () => isIdle).then(() => (isOver = true));
    await once(silent.resume(), 'close');
    await delay(100);
    expect(isOver).toBe(false);
    isIdle = true;
    await retiring;
  });

  it('waits no longer than it may', async () => {
    const { retirement, port } = await started();
    const endless = ask(port, connection(), '/600000').catch((error: Error) => error);
    await delay(50);
    await retirement.retire(100, () => true);
    server.closeAllConnections();
    expect(await endless).toMatchObject({ code: 'ECONNRESET' });
  });
});
