import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeSts, RoleSession } from './fake-sts.js';
import { KeyStore, WireFault } from './key-store.js';
import { kmsAsks, type KmsAsk } from './asks.js';
import { answer, KMS_OPERATIONS, WireInput, type KmsOperation } from './operations.js';

/** What the server saw of a call. Nothing of the answer is kept. */
export interface KmsCall {
  operation: KmsOperation;
  accessKeyId: string;
  /** Of what goes in; what a re-encryption goes to stands in `asks`. */
  context: Record<string, string>;
  /** All of them have to be allowed. */
  asks: KmsAsk[];
  /** Set where the access key is that of a role's session. */
  session?: RoleSession;
  /** Every value of the request, for canary sweeps. */
  body: string;
}

/** `hang` takes the request and never answers; `reset` drops the connection; `{type}` answers with that error. */
export type KmsFault = 'hang' | 'reset' | { type: string; status?: number };

/** Says which access key may do what, as an IAM policy would. */
export type KmsPolicy = (call: KmsCall) => boolean;

/** AWS KMS as far as we use it, over its real wire protocol (AWS JSON 1.1), with real AES-GCM. */
export class FakeKms {
  readonly calls: KmsCall[] = [];
  readonly keyArn: string;
  latencyMs = 0;
  /** Every call meets this fault while it is set. */
  fault: KmsFault | undefined;
  policy: KmsPolicy = () => true;
  /** Grants the sessions that may use roles' keys. */
  sts: FakeSts | undefined;
  /** Calls that name one of these keys meet this fault. */
  readonly keyFaults = new Map<string, KmsFault>();

  readonly #keys = new KeyStore();
  readonly #server: Server;
  url = '';

  private constructor() {
    this.keyArn = this.#keys.create('alias/claviger');
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** Listens on a free port of the loopback interface. */
  static async start(): Promise<FakeKms> {
    const kms = new FakeKms();
    await new Promise<void>((resolve) => kms.#server.listen(0, '127.0.0.1', resolve));
    const address = kms.#server.address();
    kms.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    return kms;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  createKey(): string {
    return this.#keys.create();
  }

  /** A key in the role's account, for sessions of that role alone. */
  createKeyOf(roleArn: string): string {
    return this.#keys.create(undefined, roleArn);
  }

  setKeyState(arn: string, state: 'Enabled' | 'Disabled' | 'PendingDeletion'): void {
    this.#keys.setState(arn, state);
  }

  count(operation: KmsOperation): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    try {
      const { call, input } = this.#read(request, body);
      this.calls.push(call);
      if (this.latencyMs > 0) await sleep(this.latencyMs);
      const named = namedKeys(input);
      const fault = this.fault ?? named.map((key) => this.keyFaults.get(key)).find(Boolean);
      if (fault === 'hang') return;
      if (fault === 'reset') throw new Error('reset');
      if (fault) throw new WireFault(fault.type, 'injected by the test', fault.status);
      const isTheirs = named.every((key) => this.#keys.find(key).roleArn === call.session?.roleArn);
      if (!isTheirs || !this.policy(call)) throw refused(call);
      reply(response, 200, answer(this.#keys, call.operation, input));
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      reply(response, error.status, { __type: error.type, message: error.message });
    }
  }

  #read(request: IncomingMessage, body: string): { call: KmsCall; input: WireInput } {
    const target = String(request.headers['x-amz-target']);
    const operation = KMS_OPERATIONS.find((name) => target === `TrentService.${name}`);
    if (request.method !== 'POST' || request.url !== '/' || !operation) {
      throw new WireFault('UnknownOperationException', `no such operation: ${target}`);
    }
    const accessKeyId = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
    if (!accessKeyId)
      throw new WireFault('MissingAuthenticationTokenException', 'Missing Authentication Token');
    const input = new WireInput(JSON.parse(body));
    const session = this.sts?.session(accessKeyId);
    const token = request.headers['x-amz-security-token'];
    if (token !== session?.sessionToken)
      throw new WireFault('ExpiredTokenException', 'The security token included in the request is expired');
    const asks = kmsAsks(operation, input);
    const context = asks[0]?.context ?? {};
    return { call: { operation, accessKeyId, context, asks, body, ...(session && { session }) }, input };
  }
}

function namedKeys(input: WireInput): string[] {
  const names = ['KeyId', 'SourceKeyId', 'DestinationKeyId'].map((name) => input.optionalText(name));
  return names.filter((name) => name !== undefined);
}

/** As AWS words it: with the caller's own name. */
function refused({ operation, accessKeyId, session }: KmsCall): WireFault {
  const who = session
    ? `${session.roleArn.replace(':role/', ':assumed-role/')}/${session.sessionName}`
    : accessKeyId;
  const why = 'because no identity-based policy allows the action';
  return new WireFault(
    'AccessDeniedException',
    `User: ${who} is not authorized to perform: kms:${operation} ${why}`,
  );
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function reply(response: ServerResponse, status: number, body: Record<string, unknown>): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
}
