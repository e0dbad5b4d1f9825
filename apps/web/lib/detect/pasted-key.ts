/** What a pasted text turned out to hold. The secret goes straight into a password field and nowhere else. */
export interface PastedKey {
  provider: string;
  secret: string;
  baseUrl?: string;
}

/** The beginnings of vendors' keys, the most specific first. */
const SHAPES: readonly { provider: string; shape: RegExp }[] = [
  { provider: 'anthropic', shape: /^sk-ant-[\w-]{8,}$/ },
  { provider: 'openrouter', shape: /^sk-or-[\w-]{8,}$/ },
  { provider: 'groq', shape: /^gsk_\w{8,}$/ },
  { provider: 'google', shape: /^AIza[\w-]{8,}$/ },
  { provider: 'xai', shape: /^xai-[\w-]{8,}$/ },
  { provider: 'openai', shape: /^sk-[\w-]{8,}$/ },
];

/** Environment variables by which vendors' documentation names their keys. */
const VARIABLES: readonly { provider: string; name: RegExp }[] = [
  { provider: 'anthropic', name: /^ANTHROPIC_(API_KEY|AUTH_TOKEN)$/ },
  { provider: 'openai', name: /^OPENAI_(API_)?KEY$/ },
  { provider: 'google', name: /^(GEMINI|GOOGLE(_GENERATIVE_AI)?)_API_KEY$/ },
  { provider: 'groq', name: /^GROQ_API_KEY$/ },
  { provider: 'openrouter', name: /^OPENROUTER_API_KEY$/ },
  { provider: 'xai', name: /^XAI_API_KEY$/ },
  { provider: 'mistral', name: /^MISTRAL_API_KEY$/ },
  { provider: 'deepseek', name: /^DEEPSEEK_API_KEY$/ },
];

/** Hosts in a curl line, for vendors whose keys have no shape of their own. */
const HOSTS: readonly { provider: string; host: RegExp }[] = [
  { provider: 'anthropic', host: /(^|\.)anthropic\.com$/ },
  { provider: 'openai', host: /(^|\.)openai\.com$/ },
  { provider: 'google', host: /^generativelanguage\.googleapis\.com$/ },
  { provider: 'groq', host: /(^|\.)groq\.com$/ },
  { provider: 'openrouter', host: /(^|\.)openrouter\.ai$/ },
  { provider: 'xai', host: /(^|\.)x\.ai$/ },
  { provider: 'mistral', host: /(^|\.)mistral\.ai$/ },
  { provider: 'deepseek', host: /(^|\.)deepseek\.com$/ },
];

/** The vendor whose shape this secret has, or null where several vendors' keys look like it. */
export function vendorOf(secret: string): string | null {
  return SHAPES.find(({ shape }) => shape.test(secret))?.provider ?? null;
}

function unquote(value: string): string {
  return value.trim().replace(/^(["'])(.*)\1$/, '$2');
}

function fromEnvBlock(text: string): PastedKey | null {
  const entries = text.split('\n').flatMap((line) => {
    const match = /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*(.+?)\s*$/.exec(line);
    return match?.[1] && match[2] ? [{ name: match[1], value: unquote(match[2]) }] : [];
  });
  for (const entry of entries) {
    const provider = VARIABLES.find(({ name }) => name.test(entry.name))?.provider;
    if (!provider) continue;
    const base = entries.find(({ name, value }) => /_BASE_URL$/.test(name) && /^https?:/.test(value))?.value;
    return { provider, secret: entry.value, ...(base ? { baseUrl: base } : {}) };
  }
  const shaped = entries.find(({ value }) => vendorOf(value) !== null);
  return shaped ? { provider: vendorOf(shaped.value) ?? 'custom', secret: shaped.value } : null;
}

function fromCurl(text: string): PastedKey | null {
  if (!/\bcurl\b/.test(text)) return null;
  const header =
    /(?:authorization:\s*bearer\s+|x-api-key:\s*|x-goog-api-key:\s*|api-key:\s*|[?&]key=)([^\s"'&\\]+)/i.exec(
      text,
    );
  const secret = header?.[1];
  if (!secret || secret.startsWith('$')) return null;
  const host = /https?:\/\/([^/\s"':]+)/.exec(text)?.[1] ?? '';
  const provider = HOSTS.find((entry) => entry.host.test(host))?.provider ?? vendorOf(secret) ?? 'custom';
  return { provider, secret };
}

/** Finds a key in a pasted key, curl line or `.env` block; null when there is none that can be told. */
export function detectKey(text: string): PastedKey | null {
  const trimmed = unquote(text);
  const provider = vendorOf(trimmed);
  if (provider) return { provider, secret: trimmed };
  return fromCurl(text) ?? fromEnvBlock(text);
}

/** A mask for the moment between pasting and saving: the vendor's prefix and the last four characters. */
export function maskKey(secret: string): string {
  if (secret.length < 12) return '••••••••';
  const prefix = /^(sk-ant-|sk-or-|sk-proj-|sk-|gsk_|AIza|xai-)/.exec(secret)?.[0] ?? '';
  return `${prefix}…${secret.slice(-4)}`;
}
