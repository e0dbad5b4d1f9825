import { anthropicErrors } from './anthropic/errors.js';
import { geminiErrors } from './gemini/errors.js';
import { openaiErrors } from './openai/errors.js';
import type { WireErrors, WireName } from './wire.js';

/** How each vendor says that something went wrong. */
export const WIRE_ERRORS: Record<WireName, WireErrors> = {
  openai: openaiErrors,
  anthropic: anthropicErrors,
  gemini: geminiErrors,
};
