import type { RefVendor } from './world.js';

/**
 * The platform tier of the worlds: an ordinary vendor, one whose models share an id with it, one that takes any id and has no default
 * (a gateway), one without a credential (a local server), and one that the operator switched off.
 */
export const REF_VENDORS: readonly RefVendor[] = [
  {
    slug: 'alpha',
    off: false,
    defaultModel: 'a-small',
    surfaces: { chat: 'a-large', agent_complex: 'a-large', cmd_k: 'a-embed', docgen: 'a-old' },
    takesAny: false,
    needsSecret: true,
    models: [
      { id: 'a-small', tools: 'yes', retired: false, priced: true },
      { id: 'a-large', tools: 'yes', retired: false, priced: true },
      { id: 'a-embed', tools: 'no', retired: false, priced: true },
      { id: 'a-old', tools: 'yes', retired: true, priced: true },
      { id: 'shared-1', tools: 'yes', retired: false, priced: true },
    ],
  },
  {
    slug: 'beta',
    off: false,
    defaultModel: 'b-text',
    surfaces: { chat: 'shared-1', agent_complex: 'b-one' },
    takesAny: false,
    needsSecret: true,
    models: [
      { id: 'b-one', tools: 'depends', retired: false, priced: false },
      { id: 'b-text', tools: 'no', retired: false, priced: true },
      { id: 'shared-1', tools: 'no', retired: false, priced: true },
    ],
  },
  {
    slug: 'gamma',
    off: false,
    defaultModel: null,
    surfaces: {},
    takesAny: true,
    needsSecret: true,
    models: [],
  },
  {
    slug: 'delta',
    off: false,
    defaultModel: 'd-local',
    surfaces: { agent_complex: 'd-big', our_surface: 'd-tuned' },
    takesAny: true,
    needsSecret: false,
    models: [
      { id: 'd-local', tools: 'depends', retired: false, priced: false },
      { id: 'd-big', tools: 'yes', retired: false, priced: false },
    ],
  },
  {
    slug: 'omega',
    off: true,
    defaultModel: 'o-one',
    surfaces: { chat: 'o-one' },
    takesAny: false,
    needsSecret: true,
    models: [
      { id: 'o-one', tools: 'yes', retired: false, priced: true },
      { id: 'shared-1', tools: 'yes', retired: false, priced: true },
    ],
  },
];

/** Ids of all vendors, and some that the catalogue doesn't know; one looks as if it pinned a provider. */
export const REF_MODELS = [
  ...new Set(REF_VENDORS.flatMap(({ models }) => models.map(({ id }) => id))),
  'tuned-x',
  'tuned-y',
  '@tuned/z',
];
