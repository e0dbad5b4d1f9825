import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { verifyTicket } from '#lib/access';
import { OWN_KMS_ACTION, type EngineTicket, type OwnKmsTicket } from '#lib/contracts';

/** What the engine is to answer next, by action; a function of the ticket. */
export type EngineAnswer = (ticket: EngineTicket) => EngineReply | Promise<EngineReply>;
interface EngineReply {
  status: number;
  body: object;
}

/** Stands for the engine at the other end of the api's key actions: checks tickets as it does, answers what it is told. */
export interface FakeEngine {
  url: string;
  tickets: EngineTicket[];
  answer: EngineAnswer;
  /** What it says of organizations' own KMS keys. */
  ownKms: (ticket: OwnKmsTicket) => Promise<object>;
  /** Drops every connection, as a process that just died does. */
  dead: boolean;
  stop(): Promise<void>;
}

export async function startFakeEngine(publicKeyPem: () => string): Promise<FakeEngine> {
  const server = createServer((request, reply) => void serve(request, reply));
  const engine: FakeEngine = {
    url: '',
    tickets: [],
    answer: () => ({ status: 200, body: {} }),
    ownKms: async () => ({ ok: true }),
    dead: false,
    stop: () => new Promise((done) => server.close(() => done())),
  };
  const serve = async (request: IncomingMessage, reply: ServerResponse) => {
    if (engine.dead) return void request.socket.destroy();
    const bearer = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    const ticket = verifyTicket(bearer, publicKeyPem(), Date.now() / 1000);
    const known = request.url === `/internal/v1/key-actions/${ticket.action}` && request.method === 'POST';
    if (known && ticket.action === OWN_KMS_ACTION) {
      const body = JSON.stringify(await engine.ownKms(ticket));
      return void reply.writeHead(200, { 'content-type': 'application/json' }).end(body);
    }
    if (ticket.action === OWN_KMS_ACTION) return void reply.writeHead(404).end();
    engine.tickets.push(ticket);
    const { status, body } = known ? await engine.answer(ticket) : { status: 404, body: {} };
    reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
  const address = server.address();
  engine.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return engine;
}

/** A test's result as the engine gives it. */
export function testResult(ok: boolean, more: object = {}) {
  return {
    ok,
    status: ok ? 'ok' : 'auth_failed',
    latencyMs: 12,
    steps: [{ name: 'auth', ok, detail: ok ? 'accepted' : 'refused' }],
    message: ok ? 'The key works.' : 'The vendor refused the key: check it in its console.',
    upstreamRequestId: 'req_up_1',
    testedAt: new Date().toISOString(),
    ...more,
  };
}
