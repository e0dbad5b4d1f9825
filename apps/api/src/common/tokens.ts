/** Injection token of the `Clock`. */
export const CLOCK = Symbol('CLOCK');
/** Injection token of the `Resolver` of names in tenants' URLs. */
export const RESOLVER = Symbol('RESOLVER');
