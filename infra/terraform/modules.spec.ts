import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = import.meta.dirname;
const MODULES = ['aws', 'org-key', 'vault'];
const textOf = (module: string): string =>
  globSync(`${module}/*.tf`, { cwd: ROOT })
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n');

/** Each call of `templatefile`: the file, and the names of the values that it is given. */
function templates(text: string): { file: string; given: string[] }[] {
  return [
    ...text.matchAll(/templatefile\("\$\{path\.module\}\/([^"]+)", \{([^}]*(?:\}[^}\n]*)*?)\n\s*\}\)/g),
  ].map(([, file = '', body = '']) => ({
    file,
    given: [...body.matchAll(/^\s*(\w+)\s*=/gm)].map(([, name = '']) => name).sort(),
  }));
}

/** The files that a name with one `${each.…}` in it stands for. */
function filesOf(module: string, file: string): string[] {
  const pattern = file.replace(/\$\{[^}]+\}/g, '*');
  const found = globSync(`${module}/${pattern}`, { cwd: ROOT });
  return file === pattern ? [join(module, file)] : found.filter((path) => !path.includes('assume-org-roles'));
}

describe('the Terraform modules', () => {
  it.each(MODULES)(
    '%s: every policy file is there, and is given what it asks for and nothing else',
    (module) => {
      for (const { file, given } of templates(textOf(module))) {
        const files = filesOf(module, file);
        expect(files.length).toBeGreaterThan(0);
        for (const path of files) {
          expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
          const asked = [...readFileSync(join(ROOT, path), 'utf8').matchAll(/\$\{(\w+)\}/g)].map(
            ([, name]) => name,
          );
          expect([path, [...new Set(asked)].sort()]).toEqual([path, given]);
        }
      }
    },
  );

  it('use every policy file: none of them is a copy that only a spec reads', () => {
    const used = MODULES.flatMap((module) => [
      ...templates(textOf(module)).flatMap(({ file }) => filesOf(module, file)),
      ...[...textOf(module).matchAll(/[^e]file\("\$\{path\.module\}\/([^"]+)"\)/g)].flatMap(([, file = '']) =>
        filesOf(module, file),
      ),
    ]);
    const there = globSync('*/policies/*.{json,hcl}', { cwd: ROOT });
    expect([...new Set(used)].sort()).toEqual(there.sort());
    expect(there.length).toBe(12);
  });

  it.each(MODULES)(
    '%s: every variable is declared and used, and every output names what is made',
    (module) => {
      const text = textOf(module);
      const declared = [...text.matchAll(/^variable "(\w+)"/gm)].map(([, name]) => name);
      const used = [...text.matchAll(/\bvar\.(\w+)/g)].map(([, name]) => name);
      expect([...new Set(used)].sort()).toEqual(declared.sort());
      const made = [...text.matchAll(/^(?:resource|data) "(\w+)" "(\w+)"/gm)].map(
        ([, type, name]) => `${type}.${name}`,
      );
      const named = [...text.matchAll(/\b((?:aws|vault)_\w+\.[a-z_]+)\b/g)].map(([, name = '']) => name);
      expect(named.filter((name) => !made.includes(name))).toEqual([]);
    },
  );

  it('no policy allows everything, and none of a process names a star as its key', () => {
    for (const path of globSync('*/policies/*.json', { cwd: ROOT })) {
      const text = readFileSync(join(ROOT, path), 'utf8');
      expect([path, /"(?:\*:\*|Action": \["\*"\])/.test(text)]).toEqual([path, false]);
      if (dirname(path) !== 'org-key/policies' || !path.endsWith('key.json'))
        expect([path, text.includes('"Resource": ["*"]')]).toEqual([path, false]);
    }
  });
});
