/** As the inspector answers (Chrome DevTools Protocol, Profiler.Profile). */
export interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples?: number[];
  timeDeltas?: number[];
}
