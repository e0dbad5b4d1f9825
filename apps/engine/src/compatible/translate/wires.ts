import type { NeutralRequest } from '#lib/providers';
import type { Json } from '../body/json-walk.js';
import { fromAnthropic } from './from-anthropic.js';
import { fromEmbeddings } from './from-embeddings.js';
import { fromGemini } from './from-gemini.js';
import { fromOpenai } from './from-openai.js';
import { fromResponses } from './from-responses.js';
import type { Speaker, SpeakerOptions } from './speaker.js';
import { anthropicSpeaker } from './to-anthropic.js';
import { geminiSpeaker } from './to-gemini.js';
import { openaiSpeaker } from './to-openai.js';
import { responsesSpeaker } from './to-responses.js';

/** How an operation is asked of another protocol: in words that are told back, as vectors, or as a count of what it would send. */
export type Translation =
  | { kind: 'words'; read: (body: Json) => NeutralRequest; speaker: (options: SpeakerOptions) => Speaker }
  | { kind: 'vectors'; read: typeof fromEmbeddings }
  | { kind: 'count'; read: (body: Json) => NeutralRequest };

const GEMINI: Translation = { kind: 'words', read: fromGemini, speaker: geminiSpeaker };

/** Operations that have a translation, by their id. */
export const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  'openai.chatCompletions': { kind: 'words', read: fromOpenai, speaker: openaiSpeaker },
  'openai.responses': { kind: 'words', read: fromResponses, speaker: responsesSpeaker },
  'openai.embeddings': { kind: 'vectors', read: fromEmbeddings },
  'anthropic.messages': { kind: 'words', read: fromAnthropic, speaker: anthropicSpeaker },
  'anthropic.countTokens': { kind: 'count', read: fromAnthropic },
  'gemini.generateContent': GEMINI,
  'gemini.streamGenerateContent': GEMINI,
};
