/**
 * Scopes say what an API key may do. A scope is a level for everything, such as `read`, or for one area of the API, such
 * as `usage:write`. A stronger level includes the weaker ones.
 */

const LEVELS = ['read', 'write', 'admin'] as const;
export type Level = (typeof LEVELS)[number];

/** The areas of the API, by their names on its reference page. */
export const AREAS = {
  Issuers: 'issuers',
  'Tax policies': 'tax-policies',
  Catalogue: 'catalogue',
  Customers: 'customers',
  'Billing accounts': 'accounts',
  'Payment methods': 'payment-methods',
  Orders: 'orders',
  Contracts: 'contracts',
  'One-time charges': 'one-time-charges',
  Usage: 'usage',
  Invoices: 'invoices',
  Payments: 'payments',
  Events: 'events',
  Mails: 'mails',
  Incidents: 'incidents',
  'Test clocks': 'test-clocks',
  'Webhook endpoints': 'webhook-endpoints',
  'API keys': 'api-keys',
} as const;
export type AreaName = keyof typeof AREAS;
export type Area = (typeof AREAS)[AreaName];

export type Scope = Level | `${Area}:${Level}`;

/** All scopes. Those for everything come first. */
export const SCOPES: readonly Scope[] = [
  ...LEVELS,
  ...Object.values(AREAS).flatMap((area) => LEVELS.map((level) => `${area}:${level}` as const)),
];

/** Whether scopes allow a level in an area, or, if it is null, in all areas. */
export function allows(scopes: readonly Scope[], level: Level, area: Area | null): boolean {
  return scopes.some((scope) => {
    const given = partsOf(scope);
    const enough = LEVELS.indexOf(given.level) >= LEVELS.indexOf(level);
    return enough && (given.area === null || given.area === area);
  });
}

/** The first of the wanted scopes that the given scopes do not include; null if they include all. */
export function beyond(given: readonly Scope[], wanted: readonly Scope[]): Scope | null {
  return (
    wanted.find((scope) => {
      const { level, area } = partsOf(scope);
      return !allows(given, level, area);
    }) ?? null
  );
}

function partsOf(scope: Scope): { readonly level: Level; readonly area: Area | null } {
  const [first, level] = scope.split(':');
  return level === undefined
    ? { level: first as Level, area: null }
    : { level: level as Level, area: first as Area };
}
