import { readFileSync } from 'node:fs';

type Words = string | string[];

export interface IamStatement {
  Effect: 'Allow' | 'Deny';
  Principal?: { AWS: Words };
  Action: Words;
  /** A trust policy has none: it is about its own role. */
  Resource?: Words;
  Condition?: Record<string, Record<string, Words>>;
}

/** A question to IAM: who wants to do what, and what is known of the request (`kms:EncryptionContext:org`, …). */
export interface IamRequest {
  action: string;
  resource: string;
  principal?: string;
  facts: Record<string, string | undefined>;
}

/** The statements of a policy file, with its placeholders filled in. One that is left over is an error, as it is to Terraform. */
export function readPolicy(path: string, values: Record<string, string>): IamStatement[] {
  const used = new Set<string>();
  const text = readFileSync(path, 'utf8').replace(/\$\{(\w+)\}/g, (_, name: string) => {
    used.add(name);
    const value = values[name];
    if (value === undefined) throw new Error(`${path}: nothing fills in ${name}`);
    return value;
  });
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (unused.length > 0) throw new Error(`${path}: does not ask for ${unused.join(', ')}`);
  return (JSON.parse(text) as { Statement: IamStatement[] }).Statement;
}

/** What IAM makes of statements: a Deny that matches wins, then an Allow that matches, else no. */
export function iamAllows(statements: readonly IamStatement[], request: IamRequest): boolean {
  const matching = statements.filter((statement) => matches(statement, request));
  return matching.length > 0 && matching.every(({ Effect }) => Effect === 'Allow');
}

function matches({ Principal, Action, Resource, Condition }: IamStatement, request: IamRequest): boolean {
  const { action, resource, principal, facts } = request;
  return (
    anyGlob(Action, action) &&
    (Resource === undefined || anyGlob(Resource, resource)) &&
    (Principal === undefined || isOneOf(Principal.AWS, principal)) &&
    Object.entries(Condition ?? {}).every(([operator, wanted]) =>
      Object.entries(wanted).every(([name, values]) => holds(operator, facts[name], [values].flat())),
    )
  );
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
function holds(operator: string, fact: string | undefined, values: string[]): boolean {
  switch (operator) {
    case 'StringEquals':
      return fact !== undefined && values.includes(fact);
    case 'StringNotEquals':
      return fact === undefined || !values.includes(fact);
    case 'ArnNotEquals':
      return fact === undefined || !anyGlob(values, fact);
    case 'Null':
      return values.includes(String(fact === undefined));
    default:
      throw new Error(`this reading of IAM does not know ${operator}`);
  }
}

/** An account's root stands for everybody in it whom their own policies allow. */
function isOneOf(principals: Words, principal: string | undefined): boolean {
  return [principals].flat().some((one) => {
    if (one === '*' || one === principal) return true;
    const account = /^arn:[\w-]+:iam::(\d{12}):root$/.exec(one)?.[1];
    return account !== undefined && principal?.split(':')[4] === account;
  });
}

function anyGlob(patterns: Words, text: string): boolean {
  return [patterns].flat().some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`).test(text);
  });
}
