import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { SSRF_CORPUS, ssrfResolver, ssrfUrl, startSink, tally, type Sink, type SsrfUrl } from '#lib/testing';
import { wordsFor } from './address-words.js';
import { classify, innerAddress, parseAddress } from './addresses.js';
import { EgressGuard } from './guard.js';
import { closeEgress, guardedFetch } from './guarded-fetch.js';
import type { Target } from './target.js';
import type { Route } from './way-out.js';

const ORG = 'org_01jd0000000000000000000000';
/** The addresses of this machine's own cards, with none of which a tenant has any business. */
const OWN: SsrfUrl[] = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ address, internal }) => !internal && !address.startsWith('fe80'))
  .map(({ address, family }) => ({
    category: 'this machine’s own addresses',
    template: `{s}://${family === 'IPv6' ? `[${address}]` : address}{p}/`,
    means: address,
  }));
const CORPUS = [...SSRF_CORPUS, ...OWN];
const LEADING = CORPUS.filter(({ means }) => means !== null);

/** Addresses that a socket of this machine reaches; the rest are networks that are elsewhere. */
const here = new Set<string>();

/**
 * The guard switched off, for the control: dials what the name or number means. An IPv4 address inside an IPv6 one is
 * dialled as a gateway would; for a network that isn't here, loopback stands in, so that nothing leaves this machine.
 */
class NoGuard extends EgressGuard {
  override checkUrl = async (): Promise<void> => undefined;
  override checkPeer = async (): Promise<void> => undefined;
  override async routesFor({ host }: Target): Promise<Route[]> {
    const addresses = parseAddress(host) ? [host] : await ssrfResolver(host);
    const dialled = addresses.map(asDialled);
    return dialled.map((address) => ({ via: 'direct', address: here.has(address) ? address : '127.0.0.1' }));
  }
}

let sink: Sink;
beforeAll(async () => {
  sink = await startSink();
  for (const entry of LEADING) for (const address of placesOf(entry)) await note(address);
});
afterAll(() => sink.stop());
beforeEach(() => sink.reset());

/** Asks for every URL on the sink's port; answers the error codes and details, `null` where there was an answer. */
async function dialAll(guard: EgressGuard, urlOf: (entry: SsrfUrl) => string, corpus: readonly SsrfUrl[]) {
  const fetchIt = guardedFetch({ guard, orgId: ORG, headerDeadlineMs: 5_000 });
  const outcomes: { entry: SsrfUrl; error: { code?: string; message: string } | null; at: string[] }[] = [];
  const headers = { authorization: 'Bearer sk-canary', 'x-api-key': 'sk-canary' };
  for (const entry of corpus) {
    const before = sink.connections.length;
    const error = await fetchIt(urlOf(entry), { headers }).then(
      (answer) => answer.text().then(() => null),
      (reason: { code?: string; message: string }) => reason,
    );
    outcomes.push({ entry, error, at: sink.connections.slice(before) });
  }
  await closeEgress(guard);
  return outcomes;
}

describe('#50 the SSRF corpus', () => {
  it('has at least 200 URLs, each once, each with what it means', () => {
    expect(new Set(SSRF_CORPUS.map(({ template }) => template)).size).toBe(SSRF_CORPUS.length);
    expect(SSRF_CORPUS.length).toBeGreaterThanOrEqual(200);
    for (const entry of LEADING)
      expect([entry.template, placesOf(entry).every((place) => parseAddress(place))]).toEqual([
        entry.template,
        true,
      ]);
  });

  it('control: with the guard switched off every one of them reaches the internal sink, where it says', async () => {
    // User info would be refused before the guard, by the parser of targets.
    const url = (entry: SsrfUrl) => {
      const parsed = new URL(ssrfUrl(entry, 'http', sink.port));
      [parsed.username, parsed.password] = ['', ''];
      return parsed.href;
    };
    const outcomes = await dialAll(new NoGuard([]), url, LEADING);
    const missed = outcomes.filter(({ error, at }) => error !== null || at.length === 0);
    expect(missed).toEqual([]);
    let asItIs = 0;
    for (const { entry, at } of outcomes) {
      const places = placesOf(entry).map(asDialled);
      const dialled = places.map((place) => (here.has(place) ? peerOf(place) : '127.0.0.1'));
      expect([entry.template, dialled]).toEqual([entry.template, expect.arrayContaining(at)]);
      if (places.every((place) => here.has(place))) asItIs += 1;
    }
    expect(sink.requests.every(({ headers }) => headers['x-api-key'] === 'sk-canary')).toBe(true);
    console.info(
      `SSRF control, guard off: ${outcomes.length} of ${LEADING.length} URLs reached the sink with ${sink.connections.length} connections and ` +
        `${sink.requests.length} credential headers; ${asItIs} at an address of this machine (${new Set(sink.connections).size} addresses), ` +
        `${outcomes.length - asItIs} at a stand-in for a network elsewhere. ${CORPUS.length - LEADING.length} more are no http URLs.`,
    );
    expect(asItIs).toBeGreaterThanOrEqual(process.platform === 'linux' ? 130 : 60);
  });

  it('with the guard no connection is made, and each answer says what is wrong and what the operator could set', async () => {
    const outcomes = await dialAll(
      new EgressGuard([], { resolver: ssrfResolver }),
      (entry) => ssrfUrl(entry, 'http', sink.port),
      CORPUS,
    );
    const wrong = outcomes.filter(
      ({ entry, error }) => error?.code !== 'egress_blocked' || !explains(entry, error.message),
    );
    expect(wrong).toEqual([]);
    expect([sink.connections.length, sink.requests.length]).toEqual([0, 0]);
    const counts = Object.entries(tally(outcomes, ({ entry }) => entry.category));
    const shown = counts.map(([category, count]) => `${count} ${category}`).join(', ');
    console.info(
      `SSRF with the guard: ${outcomes.length} URLs (${shown}): ${sink.connections.length} connections.`,
    );
  });

  it('https on port 443 changes nothing: it is the address that is refused, when saved and when dialled', async () => {
    const guard = new EgressGuard([], { resolver: ssrfResolver });
    const saved = [];
    for (const entry of CORPUS)
      saved.push(
        await guard.checkUrl(ssrfUrl(entry), ORG).then(
          () => entry.template,
          () => null,
        ),
      );
    expect(saved.filter((template) => template !== null)).toEqual([]);
    const dialled = await dialAll(guard, (entry) => ssrfUrl(entry), CORPUS);
    expect(dialled.filter(({ error }) => error?.code !== 'egress_blocked')).toEqual([]);
  });

  it('an operator who lists the sink’s port on another address opens none of them', async () => {
    const allow = [{ text: '', scheme: 'http' as const, port: sink.port, orgId: null }];
    const cidr = parseAddress('93.184.216.34');
    const guard = new EgressGuard(cidr ? [{ ...allow[0]!, cidr: [cidr, 32] }] : [], {
      resolver: ssrfResolver,
    });
    const outcomes = await dialAll(guard, (entry) => ssrfUrl(entry, 'http', sink.port), CORPUS);
    expect(outcomes.filter(({ error }) => error?.code !== 'egress_blocked')).toEqual([]);
    expect(sink.connections).toEqual([]);
  });
});

/** Whether a refusal tells what kind of address it is (for a literal), and who can allow it, where anybody can. */
function explains({ means, category }: SsrfUrl, detail: string): boolean {
  if (
    /No setting allows it|user name and password|must start with https|not a whole URL|names no host/.test(
      detail,
    )
  )
    return true;
  const isNamed =
    category === 'names' || means === null || detail.includes(wordsFor(classify(parseAddress(means)!)));
  return isNamed && detail.includes('CLAVIGER_EGRESS_ALLOW=');
}

function placesOf({ means }: SsrfUrl): string[] {
  return means === null ? [] : means.split('|');
}

function asDialled(address: string): string {
  const parsed = parseAddress(address);
  return parsed ? innerAddress(parsed).toString() : address;
}

/** The kernel takes the unspecified address for loopback. */
function peerOf(address: string): string {
  return address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
}

async function note(address: string): Promise<void> {
  const dialled = asDialled(address);
  const parsed = parseAddress(dialled);
  const isOwn = OWN.some(({ means }) => means === dialled);
  if (!parsed || (!isOwn && !['loopback', 'unspecified'].includes(classify(parsed)))) return;
  const probe = createServer();
  const bound = await new Promise<boolean>((resolve) => {
    probe.once('error', () => resolve(false)).listen(0, dialled, () => resolve(true));
  });
  if (bound) {
    here.add(dialled);
    await new Promise((resolve) => probe.close(resolve));
  }
}
