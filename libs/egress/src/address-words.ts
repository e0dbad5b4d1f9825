/** The ranges of `ipaddr.js` by the words that people know them by. */
const WORDS: Readonly<Record<string, string>> = {
  unspecified: 'an unspecified address',
  broadcast: 'a broadcast address',
  multicast: 'a multicast address',
  linkLocal: 'a link-local address',
  loopback: 'a loopback address',
  private: 'a private address',
  uniqueLocal: 'a private address',
  carrierGradeNat: 'a shared address of a carrier’s network',
  as112: 'an address of a DNS sink',
  as112v6: 'an address of a DNS sink',
  amt: 'a multicast relay’s address',
  ipv4Mapped: 'an IPv4 address inside an IPv6 one',
  rfc6145: 'an address of an IPv4/IPv6 translator',
  rfc6052: 'an address of an IPv4/IPv6 translator',
  '6to4': 'an address of an IPv4/IPv6 tunnel',
  teredo: 'an address of an IPv4/IPv6 tunnel',
  benchmarking: 'an address for benchmarks',
};

/** What a class of addresses (`classify`) is called in a sentence, its article included. */
export function wordsFor(kind: string): string {
  return WORDS[kind] ?? 'a reserved address';
}
