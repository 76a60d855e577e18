// SQL about intervals that more than one statement is made of.

export const interval = (v: string, prefix: string): string =>
  `json_build_object('unit', ${v}.${prefix}_unit, 'count', ${v}.${prefix}_count)`;
