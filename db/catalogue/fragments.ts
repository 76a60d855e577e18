// SQL about intervals that more than one statement is made of.

export const interval = (v: string, prefix: string): string =>
  `json_build_object('unit', ${v}.${prefix}_unit, 'count', ${v}.${prefix}_count)`;
/** How long an interval is, to be added to an instant. */
export const lengthOf = (v: string, prefix: string): string =>
  `(${v}.${prefix}_count || ' ' || ${v}.${prefix}_unit)::interval`;
