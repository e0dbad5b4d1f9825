/** Numbers that a proof measured, and their names with units. */
export type Figures = Record<string, number | string | boolean | number[]>;
