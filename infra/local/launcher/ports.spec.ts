import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { choosePorts, metricsWishes, portWishes } from './ports.js';

const HOST = '127.0.0.1';
const ports = { web: 0, api: 0, engine: 0, worker: 0, upstream: 0 };
let holder: Server;
let taken: number;

describe('the ports of npm start', () => {
  beforeAll(async () => {
    holder = createServer();
    await new Promise<void>((done) => holder.listen(0, HOST, done));
    taken = (holder.address() as AddressInfo).port;
  });
  afterAll(() => void holder.close());

  const refusal = (wishes: Parameters<typeof choosePorts>[0], host = HOST) =>
    choosePorts(wishes, host).then(
      () => '',
      (error: Error) => error.message,
    );

  it('are any free ones where 0 is asked for, never one twice', async () => {
    const chosen = await choosePorts([...portWishes(ports, ['web', 'api']), ...metricsWishes(0)], HOST);
    expect(new Set(chosen).size).toBe(4);
    expect(Math.min(...chosen)).toBeGreaterThan(0);
  });

  it('that are taken are all named, with the setting and the mend; the metrics’ too', async () => {
    const wishes = [...portWishes({ ...ports, api: taken }, ['web', 'api']), ...metricsWishes(taken - 1)];
    const message = await refusal(wishes);
    expect(message).toContain(
      `port ${taken} (api) is in use: stop the program that holds it, or set CLAVIGER_API_PORT to another port or 0 for any free one`,
    );
    expect(message).toContain(`port ${taken} (metrics of the engine) is in use`);
    expect(message).toContain('set CLAVIGER_METRICS_PORT to another port');
  });

  it('that two settings ask for are told as that, not as somebody else’s', async () => {
    const [free = 0] = await choosePorts(portWishes(ports, ['web']), HOST);
    const message = await refusal(portWishes({ ...ports, api: free, engine: free }, ['api', 'engine']));
    expect(message).toContain(`port ${free} is wanted twice, by api (CLAVIGER_API_PORT) and by engine`);
    expect(message).not.toContain('in use');
  });

  it('are not blamed for an address that is not this machine’s', async () => {
    const message = await refusal(portWishes(ports, ['web', 'api']), '192.0.2.1');
    expect(message).toContain('192.0.2.1 is no address of this machine (EADDRNOTAVAIL): set CLAVIGER_HOST');
    expect(message.match(/no address/g)).toHaveLength(1);
  });
});
