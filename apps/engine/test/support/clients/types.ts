/** Where a client is pointed, and how often it may try again. */
export interface Pointed {
  /** Of the engine. */
  url: string;
  token: string;
  /** Tries after the first. */
  retries: number;
}

/** What a model calls: a tool's name and arguments. */
export interface CalledTool {
  name: string | undefined;
  args: unknown;
}

/** One of the vendors' or libraries' clients, as an application would use it. */
export interface SdkClient {
  chat(model: string, prompt: string): Promise<string>;
  stream(model: string, prompt: string, signal?: AbortSignal): AsyncIterable<string>;
  tool(model: string, prompt: string): Promise<CalledTool>;
  structured(model: string, prompt: string): Promise<unknown>;
}

export type SdkMaker = (pointed: Pointed) => SdkClient;

export const CITY = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const } },
  required: ['city'],
  additionalProperties: false,
};

export function parsed(text: string | null | undefined): unknown {
  return JSON.parse(text ?? 'null') as unknown;
}
