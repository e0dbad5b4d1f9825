import { Stack, Text } from '@mantine/core';
import type { OwnKms } from '@/lib/api/types';
import { CodeBlock } from '@/components/ui/code-block';

const ASK = '"ask the operator"';

/** The values that the role's policies need, as the module `infra/terraform/org-key` takes them. */
function moduleOf({ externalId, orgId, deployment, principals }: OwnKms): string {
  const role = (arn: string | undefined) => (arn ? `"${arn}"` : ASK);
  return `module "claviger_key" {
  source      = "./infra/terraform/org-key"
  external_id = "${externalId}"
  org_id      = "${orgId}"
  deployment  = "${deployment}"
  claviger_principals = {
    api    = ${role(principals?.api)}
    engine = ${role(principals?.engine)}
    worker = ${role(principals?.worker)}
  }
}`;
}

/** What the owner does in their own account first. */
export function OwnKmsTerraform({ ownKms }: { ownKms: OwnKms }) {
  return (
    <Stack gap="xs">
      <Text fw={600}>1. Make the key and its role in your AWS account</Text>
      <Text size="sm" maw={640}>
        The external id is yours alone and never changes: your role trusts this installation only with it, and
        each of its processes only for its own work. With Terraform, use the module{' '}
        <span className="mono">infra/terraform/org-key</span>:
      </Text>
      <CodeBlock code={moduleOf(ownKms)} what="the Terraform module" />
      <Text size="sm">
        External id for a role that you make by hand: <span className="mono wrap">{ownKms.externalId}</span>
      </Text>
    </Stack>
  );
}
