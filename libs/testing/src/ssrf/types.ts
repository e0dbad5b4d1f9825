/** A host as an attacker spells it, and the address that it is in truth. */
export type SpelledHost = readonly [host: string, means: string];

/** One URL that no tenant may be led by. */
export interface SsrfUrl {
  category: string;
  /** With `{s}` for the scheme and `{p}` for `:port`, so that one spelling serves every port. */
  template: string;
  /** The address that it leads to; a name's are told apart by `|`. Null: to no address, as it is no http URL. */
  means: string | null;
}
