/** What a vendor's id is made of: no blanks, nothing that ends a path or escapes in it. */
const MODEL_ID = /^[^\s\p{Cc}?#%\\]{1,200}$/u;

/**
 * Whether a text can be a model's id. Some vendors have it in the path of the URL: one that climbs there, or ends the path, would take
 * a key to another place of its host, and one that is spelled in two ways would pass by the rules for the other.
 */
export function isModelId(text: string): boolean {
  return MODEL_ID.test(text) && text.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Google's wire takes `models/x` and `x` for the same model, and its own kinds of resources; here the plain id, or a tuned model's. */
export function isGeminiModelId(text: string): boolean {
  return isModelId(text) && (!text.includes('/') || /^tunedModels\/[^/]+$/.test(text));
}
