import { generateLocalKeysets } from './generate.js';
import { localKeyRefs } from './refs.js';

/** The key files of the local KMS, for launcher, provisioner and backups: made, and named. */
export const localKeysets = { generate: generateLocalKeysets, refs: localKeyRefs } as const;
