import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { WireFault } from './key-store.js';

/** Who a role trusts, as its trust policy would say it. */
export interface FakeRole {
  arn: string;
  /** Left out: `trust` alone decides. */
  externalId?: string;
  /** Access keys that may assume it; none named: all. */
  trusts?: readonly string[];
}

/** A session that was granted, by its access key. */
export interface RoleSession {
  roleArn: string;
  sessionName: string;
  tags: Record<string, string>;
  sessionToken: string;
}

export interface AssumeRoleCall {
  accessKeyId: string;
  roleArn: string;
  externalId: string | null;
  sessionName: string;
  tags: Record<string, string>;
  durationSeconds: number;
}

/** Says whether a trust policy would let this through, beyond the external id. */
export type TrustPolicy = (call: AssumeRoleCall) => boolean;

/** AWS STS as far as we use it, over its real wire protocol (AWS query, XML): AssumeRole with external id and session tags. */
export class FakeSts {
  readonly calls: AssumeRoleCall[] = [];
  readonly roles = new Map<string, FakeRole>();
  /** Every call meets this fault while it is set. */
  fault: 'hang' | 'reset' | { type: string; status?: number } | undefined;
  trust: TrustPolicy = () => true;
  url = '';
  readonly #sessions = new Map<string, RoleSession>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<FakeSts> {
    const sts = new FakeSts();
    await new Promise<void>((resolve) => sts.#server.listen(0, '127.0.0.1', resolve));
    const address = sts.#server.address();
    sts.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    return sts;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  addRole(role: FakeRole): void {
    this.roles.set(role.arn, role);
  }

  /** The live session of this access key; undefined: it is of no session. */
  session(accessKeyId: string): RoleSession | undefined {
    return this.#sessions.get(accessKeyId);
  }

  /** Ends every session, as an expiry does. */
  endSessions(): void {
    this.#sessions.clear();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
    try {
      if (this.fault === 'hang') return;
      if (this.fault === 'reset') throw new Error('reset');
      if (this.fault) throw new WireFault(this.fault.type, 'injected by the test', this.fault.status);
      const call = readCall(request, form);
      this.calls.push(call);
      reply(response, 200, this.#grant(call));
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      reply(response, error.status, errorXml(error));
    }
  }

  #grant(call: AssumeRoleCall): string {
    const role = this.roles.get(call.roleArn);
    const admitted =
      role !== undefined &&
      (role.externalId === undefined || role.externalId === call.externalId) &&
      (role.trusts?.includes(call.accessKeyId) ?? true) &&
      this.trust(call);
    // AWS says the same of a role that is not there: nothing tells a stranger which ones are.
    if (!admitted) {
      const who = 'arn:aws:sts::999988887777:assumed-role/claviger-platform/i-0123456789';
      throw new WireFault(
        'AccessDenied',
        `User: ${who} is not authorized to perform: sts:AssumeRole on resource: ${call.roleArn}`,
        403,
      );
    }
    const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
    const sessionToken = randomBytes(48).toString('base64');
    const { roleArn, sessionName, tags } = call;
    this.#sessions.set(accessKeyId, { roleArn, sessionName, tags, sessionToken });
    const expiration = new Date(Date.now() + call.durationSeconds * 1_000).toISOString();
    return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${randomBytes(30).toString('base64')}</SecretAccessKey>
<SessionToken>${sessionToken}</SessionToken><Expiration>${expiration}</Expiration></Credentials>
<AssumedRoleUser><AssumedRoleId>AROATEST:${sessionName}</AssumedRoleId><Arn>${roleArn}</Arn></AssumedRoleUser>
</AssumeRoleResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AssumeRoleResponse>`;
  }
}

function readCall(request: IncomingMessage, form: URLSearchParams): AssumeRoleCall {
  if (
    request.method !== 'POST' ||
    form.get('Action') !== 'AssumeRole' ||
    form.get('Version') !== '2011-06-15'
  )
    throw new WireFault('InvalidAction', `no such action: ${form.get('Action')}`);
  const accessKeyId = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
  if (!accessKeyId)
    throw new WireFault('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  const tags: Record<string, string> = {};
  for (let at = 1; form.has(`Tags.member.${at}.Key`); at += 1)
    tags[String(form.get(`Tags.member.${at}.Key`))] = String(form.get(`Tags.member.${at}.Value`));
  return {
    accessKeyId,
    roleArn: String(form.get('RoleArn')),
    externalId: form.get('ExternalId'),
    sessionName: String(form.get('RoleSessionName')),
    tags,
    durationSeconds: Number(form.get('DurationSeconds') ?? 3_600),
  };
}

function reply(response: ServerResponse, status: number, xml: string): void {
  response.writeHead(status, { 'content-type': 'text/xml' });
  response.end(xml);
}

function errorXml({ type, message }: WireFault): string {
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${type}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;
}
