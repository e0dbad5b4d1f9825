/** What every vendor takes as a tool's name. */
const LONGEST = 64;

/** A tool of a server, by the server's own names. */
export interface NamedTool {
  server: string;
  tool: string;
}

/**
 * The names under which a model sees the tools of MCP servers: their own, where a model can say them and no other tool of the run is
 * called the same; else with the server's name before it, and a number where even that is taken. Depends on nothing but the names.
 */
export function exposedNames(tools: readonly NamedTool[], taken: readonly string[]): string[] {
  const plain = tools.map(({ tool }) => speakable(tool));
  const uses = new Map<string, number>();
  for (const name of [...plain, ...taken]) uses.set(name, (uses.get(name) ?? 0) + 1);
  const given = new Set([...taken, ...plain.filter((name) => uses.get(name) === 1)]);
  return tools.map(({ server }, index) => {
    const own = plain[index] ?? '';
    if (uses.get(own) === 1) return own;
    const name = free(speakable(`${server}__${own}`), given);
    given.add(name);
    return name;
  });
}

function speakable(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, LONGEST);
  return /^[A-Za-z_]/.test(safe) ? safe : `_${safe}`.slice(0, LONGEST);
}

function free(name: string, given: ReadonlySet<string>): string {
  for (let count = 1; ; count += 1) {
    const suffix = count === 1 ? '' : `_${count}`;
    const candidate = name.slice(0, LONGEST - suffix.length) + suffix;
    if (!given.has(candidate)) return candidate;
  }
}
