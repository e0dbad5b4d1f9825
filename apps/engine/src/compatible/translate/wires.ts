import type { NeutralRequest } from '#lib/providers';
import type { Json } from '../body/json-walk.js';
import type { WireName } from '../wire.js';
import { fromAnthropic } from './from-anthropic.js';
import { fromGemini } from './from-gemini.js';
import { fromOpenai } from './from-openai.js';
import type { Speaker, SpeakerOptions } from './speaker.js';
import { anthropicSpeaker } from './to-anthropic.js';
import { geminiSpeaker } from './to-gemini.js';
import { openaiSpeaker } from './to-openai.js';

interface Translation {
  read: (body: Json) => NeutralRequest;
  speaker: (options: SpeakerOptions) => Speaker;
}

/** What each wire is translated by, into neutral words and back. */
export const TRANSLATIONS: Record<WireName, Translation> = {
  openai: { read: fromOpenai, speaker: openaiSpeaker },
  anthropic: { read: fromAnthropic, speaker: anthropicSpeaker },
  gemini: { read: fromGemini, speaker: geminiSpeaker },
};
