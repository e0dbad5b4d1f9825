import { vendorOfSecret } from './credentials.js';

const LONGEST_QUOTED = 32;
/** Beginnings of keys, vendors' and Claviger's own, that `vendorOfSecret` says nothing certain of. */
const KEY_LIKE = /^(sk-|akia|asia|hf_|clv_|eyj|bearer\s|-----)/i;

/** Says that there is no provider of a name. What was sent may be a key in the wrong place: quoted only when it looks like none. */
export function noProvider(slug: string): string {
  const isKeyLike =
    slug.length > LONGEST_QUOTED || vendorOfSecret(slug) !== undefined || KEY_LIKE.test(slug.trim());
  return isKeyLike ? 'There is no such provider.' : `There is no provider "${slug}".`;
}
