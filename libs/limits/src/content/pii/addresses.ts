import ipaddr from 'ipaddr.js';
import { patternDetector, wholeMatch, type Check } from './detector.js';
import { saysVersion } from './words.js';

/** Ranges that name no machine of anybody. Private ranges count: inside a company they name one. */
const NOBODY = new Set(['unspecified', 'broadcast', 'loopback', 'multicast']);

const named: Check = ({ 0: address }) =>
  ipaddr.isValid(address) && !NOBODY.has(ipaddr.parse(address).range()) ? address.length : 0;

/** 0/8, 127/8 and from 224/4 on: without a parser, for a list of addresses has a hundred thousand of them in a megabyte. */
const NOBODYS_V4 = /^(?:0|127|22[4-9]|2[345]\d)\./;

/** IPv4 in four decimal parts; not where four numbers are a version or a section. */
export const ipv4 = patternDetector(
  'ipv4',
  /(?<![\p{L}\p{N}_.-]|[\p{L}][-/])(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?![\p{L}\p{N}_]|\.\d|-[\p{L}\d])/gu,
  (match, text) => (NOBODYS_V4.test(match[0]) || saysVersion(text, match.index) ? 0 : match[0].length),
);

/** IPv6 with at least two groups, one of which has a digit (`std::vector` and `dead::beef` have none), and not eight pairs, as fingerprints are. */
export const ipv6 = patternDetector(
  'ipv6',
  /(?<![\p{L}\p{N}_:.])(?:[0-9A-Fa-f]{1,4}|:):(?:[0-9A-Fa-f]{0,4}:){0,6}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{1,4}|:)?(?![\p{L}\p{N}_:]|\.\d)/gu,
  (match, text) => {
    const groups = match[0].split(':').filter((group) => group !== '');
    if (groups.length === 8 && groups.every((group) => group.length === 2)) return 0;
    if (groups.length < 2 || !/\d/.test(match[0])) return 0;
    return named(match, text);
  },
);

/** MAC addresses: six pairs with one kind of separator. */
export const mac = patternDetector(
  'mac',
  /(?<![\p{L}\p{N}_:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\p{L}\p{N}_]|[:-][0-9A-Fa-f])/gu,
  (match, text) => (/^(?:0{2}|f{2})(?:[:-](?:0{2}|f{2})){5}$/i.test(match[0]) ? 0 : wholeMatch(match, text)),
);
