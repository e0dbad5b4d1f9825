import type { DocumentInfo } from '#lib/http';

export const ENGINE_DOCUMENT: DocumentInfo = {
  title: 'Claviger execution plane',
  description:
    'Runs Agent nodes with the keys that a workspace was handed. Errors are RFC 9457 problems with a stable `code`; `x-permission` names the right that an operation needs.',
  version: '1',
};
