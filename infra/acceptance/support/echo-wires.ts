import { generateKeyPairSync } from 'node:crypto';
import type { FakeUpstream } from '#lib/testing';
import { WIRES } from '../../../apps/engine/test/support/wires.js';

/** A provider's wire, and one secret that its vendor may give back. */
export interface EchoWire {
  name: string;
  provider: string;
  /** Whose address the key names. */
  base: keyof FakeUpstream['baseUrls'];
  model: string;
  config?: Record<string, unknown>;
  /** The secret that is given back. */
  key: string;
  /** What is sealed, given the vendor's address: the key, or what holds it or is exchanged for it. */
  sealed: (upstreamUrl: string) => string;
  /** What the vendor sees in its auth header, by which it knows whom it answers. */
  seenAs: string;
  /** Whether its vendor lists models. */
  lists: boolean;
}

/** Such that every spelling differs from every other. */
const canary = (name: string) => `sk-${name}-Canary+/=%22"quoted"&<x>9f2c71`;

/** The three wires whose vendors are called with the key itself. */
export const PLAIN_WIRES: readonly EchoWire[] = WIRES.map(({ provider, wire, model }) => {
  const key = canary(provider);
  return { name: provider, provider, base: wire, model, key, sealed: () => key, seenAs: key, lists: true };
});

/** The private key of the service account: it signs and never travels. */
export const SERVICE_ACCOUNT_PEM = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

/** The clouds' wires, once for each credential that they are called with. */
export const CLOUD_WIRES: readonly EchoWire[] = [
  cloud('azure', 'azure', 'gpt-4.1', { sealed: (key) => key }),
  cloud('bedrock-bearer', 'bedrock', 'amazon.nova-lite-v1:0', { sealed: (key) => key }),
  cloud('bedrock-signing', 'bedrock', 'amazon.nova-lite-v1:0', {
    sealed: (secretAccessKey) => JSON.stringify({ accessKeyId: 'AKIAECHOSIGNING00001', secretAccessKey }),
    seenAs: 'AKIAECHOSIGNING00001',
  }),
  cloud('bedrock-session', 'bedrock', 'amazon.nova-lite-v1:0', {
    sealed: (sessionToken) =>
      JSON.stringify({
        ...{ accessKeyId: 'ASIAECHOSESSION00001', secretAccessKey: 'another/secret+access/key/4c1b' },
        sessionToken,
      }),
    seenAs: 'ASIAECHOSESSION00001',
  }),
  cloud('vertex-express', 'vertex', 'gemini-2.5-flash', { sealed: (key) => key }),
  cloud('vertex-token', 'vertex', 'gemini-2.5-flash', {
    config: { project: 'p-1' },
    sealed: (_token, url) =>
      JSON.stringify({
        ...{ type: 'service_account', client_email: 'bot@p-1.iam.example' },
        ...{ private_key: SERVICE_ACCOUNT_PEM, token_uri: `${url}/token` },
      }),
  }),
];

interface Cloud {
  config?: Record<string, unknown>;
  sealed: (key: string, upstreamUrl: string) => string;
  seenAs?: string;
}

function cloud(name: string, base: 'azure' | 'bedrock' | 'vertex', model: string, more: Cloud): EchoWire {
  const key = canary(name);
  const { sealed, seenAs = key, config } = more;
  const to = { provider: base, base, model, ...(config && { config }) };
  return { name, ...to, key, sealed: (url) => sealed(key, url), seenAs, lists: false };
}
