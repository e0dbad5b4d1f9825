'use client';

import { NativeSelect } from '@mantine/core';
import type { CallApproval, CallApprovers } from '@/lib/api/types';
import { APPROVAL_WORDS, APPROVER_WORDS } from './approval-words';

interface McpApprovalFieldsProps {
  approval: CallApproval;
  approvers: CallApprovers;
  onChange: (change: { approval?: CallApproval; approvers?: CallApprovers }) => void;
}

/** Whether calls to a server wait for somebody's word, and for whose. */
export function McpApprovalFields({ approval, approvers, onChange }: McpApprovalFieldsProps) {
  return (
    <>
      <NativeSelect
        label="Its calls"
        description="An Agent node can ask for more approvals, never for fewer"
        value={approval}
        data={Object.entries(APPROVAL_WORDS).map(([value, label]) => ({ value, label }))}
        onChange={({ currentTarget: { value } }) =>
          onChange({ approval: value === 'always' ? 'always' : 'none' })
        }
      />
      <NativeSelect
        label="Who may approve"
        description="Whenever a call waits, whoever had it wait"
        value={approvers}
        data={Object.entries(APPROVER_WORDS).map(([value, label]) => ({ value, label }))}
        onChange={({ currentTarget: { value } }) =>
          onChange({ approvers: value === 'people' ? 'people' : 'anyone' })
        }
      />
    </>
  );
}
