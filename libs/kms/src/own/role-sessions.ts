import type { KMSClient } from '@aws-sdk/client-kms';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { LRUCache } from 'lru-cache';
import type { OrgKmsConfig } from '#lib/config';
import type { OwnKmsKey } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { kmsClient, PATIENCE, send, type AwsCredentials } from '../aws/aws-calls.js';
import { KmsError } from '../kms-error.js';

/** The shortest that STS grants: a trust policy that is changed bites after so long at the latest. */
const SESSION_SECONDS = 900;
/** A session is replaced while it still has so long, so that no call starts with one that ends under way. */
const MARGIN_MS = 60_000;
const SESSIONS = 1_000;

interface Session {
  client: KMSClient;
  goodUntilMs: number;
}

/** Which process asks. The role's trust policy holds each of our identities to its own name, and its permissions to its own work. */
export type AskingProcess = 'api' | 'engine' | 'worker' | 'webhooks';

/**
 * Sessions of the roles that organizations named, one for each organization, role and external id. A client made here
 * has the session's credentials and no others: where a role can't be assumed there is no client.
 */
export class RoleSessions {
  readonly #config: OrgKmsConfig;
  readonly #process: AskingProcess;
  readonly #clock: Clock;
  readonly #sts: STSClient;
  readonly #sessions = new LRUCache<string, Session>({ max: SESSIONS });
  readonly #flights = new Map<string, Promise<Session>>();

  constructor(config: OrgKmsConfig, process: AskingProcess, clock: Clock, identity?: AwsCredentials) {
    this.#config = config;
    this.#process = process;
    this.#clock = clock;
    const { region, stsEndpoint: endpoint } = config;
    this.#sts = new STSClient({
      region,
      ...(endpoint && { endpoint }),
      ...(identity && { credentials: identity }),
      ...PATIENCE,
    });
  }

  /** A client that speaks to the key's region as the key's role. Throws KmsError. */
  async client(key: OwnKmsKey): Promise<KMSClient> {
    const name = nameOf(key);
    const session = this.#sessions.get(name);
    if (session && this.#clock.monotonicMs() < session.goodUntilMs) return session.client;
    const running = this.#flights.get(name) ?? this.#begin(name, key);
    return (await running).client;
  }

  /** Lets go of the key's session: the next call assumes the role anew. */
  forget(key: OwnKmsKey): void {
    this.#sessions.delete(nameOf(key));
  }

  #begin(name: string, key: OwnKmsKey): Promise<Session> {
    const flight = this.#assume(key)
      .then((session) => {
        this.#sessions.set(name, session);
        return session;
      })
      .finally(() => this.#flights.delete(name));
    this.#flights.set(name, flight);
    return flight;
  }

  async #assume({ orgId, keyArn, roleArn, externalId }: OwnKmsKey): Promise<Session> {
    const askedMs = this.#clock.monotonicMs();
    const input = {
      RoleArn: roleArn,
      ExternalId: externalId,
      DurationSeconds: SESSION_SECONDS,
      RoleSessionName: `claviger-${this.#process}-${orgId}`,
      Tags: [
        { Key: 'claviger-org', Value: orgId },
        { Key: 'claviger-process', Value: this.#process },
      ],
    };
    const answer = await send(
      'AssumeRole',
      (abortSignal) => this.#sts.send(new AssumeRoleCommand(input), { abortSignal }),
      'STS',
    );
    const {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
    } = answer.Credentials ?? {};
    if (!accessKeyId || !secretAccessKey || !sessionToken)
      throw new KmsError('unavailable', 'AWS STS answered without credentials');
    const region = regionOf(keyArn);
    // The operator's endpoint is that of the operator's region; a key elsewhere is reached at AWS's own.
    const endpoint = region === this.#config.region ? this.#config.kmsEndpoint : undefined;
    return {
      client: kmsClient(region, endpoint, { accessKeyId, secretAccessKey, sessionToken }),
      goodUntilMs: askedMs + SESSION_SECONDS * 1_000 - MARGIN_MS,
    };
  }
}

function nameOf({ orgId, roleArn, externalId, keyArn }: OwnKmsKey): string {
  return JSON.stringify([orgId, roleArn, externalId, regionOf(keyArn)]);
}

function regionOf(keyArn: string): string {
  return String(keyArn.split(':')[3]);
}
