// How the secrets of machines begin. Each form is bounded and says enough; what follows in the same alphabet belongs to it.

/** Vendors' own prefixes, as their documentation gives them; Claviger's tokens among them. */
const PREFIXED = [
  'sk-[A-Za-z0-9_-]{20}',
  '(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16}',
  'whsec_[A-Za-z0-9+/]{20}',
  'AIza[A-Za-z0-9_-]{35}',
  'ya29\\.[A-Za-z0-9_-]{20}',
  '(?:xai|pplx|glpat|dapi|nvapi)-[A-Za-z0-9_-]{20}',
  '(?:gsk|hf|npm|r8|dop_v1|lin_api|sntrys|clv_api|clv_eng|clv_ws)_[A-Za-z0-9]{20}',
  'gh[pousr]_[A-Za-z0-9]{20}',
  'github_pat_[A-Za-z0-9_]{20}',
  '(?:AKIA|ASIA)[A-Z0-9]{16}',
  'xox[abeoprs]-[A-Za-z0-9-]{10}',
  'SG\\.[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{16}',
];

export const PREFIXED_SECRET = new RegExp(PREFIXED.join('|'), 'g');

/** How a JSON Web Token (RFC 7519) begins, base64url of `{"`; what its first part consists of, how long that is, and how it goes on. */
export const TOKEN_MARK = 'eyJ';
export const NOT_TOKEN = /[^A-Za-z0-9_-]/g;
export const TOKEN_HEAD: [least: number, most: number] = [13, 303];
export const TOKEN_NEXT = /\.[A-Za-z0-9_-]{10}/y;

/** What stands behind a name that says it is a secret. Looked for only where its mark is in the text. */
export const NAMED_SECRETS: { mark: string; form: RegExp }[] = [
  { mark: 'earer ', form: /(?<=[Bb]earer )[A-Za-z0-9._~+/-]{20}/g },
  {
    mark: 'ccess',
    form: /(?<=[Ss]ecret_?[Aa]ccess_?[Kk]ey["']? ?[:=] ?["']?)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/g,
  },
  { mark: 'CCESS_KEY', form: /(?<=SECRET_ACCESS_KEY["']? ?[:=] ?["']?)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/g },
  // The password of an address: scheme://user:password@host
  { mark: '://', form: /(?<=:\/\/[^\s:@/]{1,40}:)[^\s:@/]{3,100}(?=@[A-Za-z0-9[])/g },
];

/** What goes on with a secret that has begun. */
export const SECRET_TAIL = /[A-Za-z0-9_.~+/=-]*/y;

/** The beginning of a private key (RFC 7468, OpenSSH, OpenPGP) with a little of its body, real or escaped line breaks between. */
export const KEY_START =
  /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\\[nr]|\s){0,6}[A-Za-z0-9+/=:,-]{8}/g;
export const KEY_MARK = '-----BEGIN ';
export const KEY_START_MAX = 120;
export const KEY_END = /-----END [A-Z0-9 ]{0,50}-----/;
export const KEY_END_MAX = 66;
/** What no private key holds: where its end is missing, it ends here. */
export const NOT_KEY = /[^A-Za-z0-9+/=\s\\:,.()-]/g;

/** No secret is longer, in units; what follows is read as text again. */
export const SECRET_MAX = 32_768;
