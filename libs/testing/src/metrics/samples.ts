/** The samples of a Prometheus exposition, one per line, with their labels in alphabetical order: `name{a="1",b="2"} 3`. */
export function samplesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const sorted = [...labels.matchAll(/\w+="[^"]*"/g)].map(([label]) => label).sort();
      return `${name}{${sorted.join(',')}} ${value}`;
    });
}
