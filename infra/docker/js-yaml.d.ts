declare module 'js-yaml' {
  /** Parses one YAML document. */
  export function load(text: string): unknown;
}
