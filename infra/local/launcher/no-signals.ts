// Loaded first into each confined process (`--import`). Node's permission model lets code signal any process of the same
// user, and SIGUSR1 makes a Node process that is not confined (npm, an editor) open a debugger: whoever runs code in the
// api could read the engine's keyset through it. So a confined process may signal itself only.
type Kill = (pid: number, signal: number | string) => unknown;

guard('kill');
guard('_kill');
for (const name of ['_debugProcess', '_debugEnd']) replace(name, refuse);

function guard(name: 'kill' | '_kill'): void {
  const original: unknown = Reflect.get(process, name);
  if (!isKill(original)) return;
  replace(name, (pid: unknown, signal: number | string) =>
    pid === process.pid ? original.call(process, process.pid, signal) : refuse(),
  );
}

function replace(name: string, value: (...args: never[]) => unknown): void {
  Object.defineProperty(process, name, { value, writable: false, configurable: false });
}

function refuse(): never {
  throw Object.assign(new Error('a confined process may signal itself only'), { code: 'ERR_ACCESS_DENIED' });
}

function isKill(value: unknown): value is Kill {
  return typeof value === 'function';
}
