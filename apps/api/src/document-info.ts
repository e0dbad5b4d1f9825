import type { DocumentInfo } from '#lib/http';

export const API_DOCUMENT: DocumentInfo = {
  title: 'Claviger control plane',
  description:
    'Keys, workspaces, members, tokens and audit of an organization. Errors are RFC 9457 problems with a stable `code`; `x-permission` names the right that an operation needs.',
  version: '1',
};
