declare module 'passport-http-bearer' {
  /** The package brings no types; this is what is used of it. */
  export class Strategy {
    constructor(
      options: { passReqToCallback: true },
      verify: (request: object, token: string, done: (error: unknown, user?: unknown) => void) => void,
    );
    authenticate(request: { headers: Record<string, string | string[] | undefined>; access: object }): void;
  }
}
