/**
 * Registers the namespace, and the search attributes that workflows set, on a Temporal server. A workflow task that sets an
 * unregistered attribute fails, and is retried without end.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Connection, isGrpcServiceError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { attribute } from './attributes.ts';

/** For each type, its number in temporal.api.enums.v1.IndexedValueType and its name in Temporal's command lines. */
const TYPES = {
  KEYWORD: { number: 2, cliType: 'Keyword' },
  INT: { number: 3, cliType: 'Int' },
} as const;

export const SEARCH_ATTRIBUTES = Object.values(attribute).map(({ name, type }) => ({ name, ...TYPES[type] }));

/** How long Temporal keeps closed runs, which show an operator how a contract was decided. */
const RETENTION = '30 days';
/** A server reads new namespaces from its database, so it may take some seconds until it knows one. */
const KNOWN_WITHIN_MS = 30_000;

// Codes of gRPC.
const [NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, UNIMPLEMENTED] = [5, 6, 7, 12];

/** The server does not allow registration through this API. Temporal Cloud is such a server. */
export class RegisteredElsewhere extends Error {}

/**
 * Registers the namespace and the search attributes that are missing, and returns their names.
 * @throws RegisteredElsewhere with the commands that register them, if the server refuses
 */
export async function prepareTemporal(connection: Connection, namespace: string): Promise<string[]> {
  const made = await registerNamespace(connection, namespace);
  for (const until = Date.now() + KNOWN_WITHIN_MS; ;) {
    try {
      const attributes = await registerMissing(connection, namespace);
      return made ? [`namespace ${namespace}`, ...attributes] : attributes;
    } catch (error) {
      if (codeOf(error) !== NOT_FOUND || Date.now() >= until) throw error;
      await delay(500);
    }
  }
}

/** Registers the search attributes that a namespace lacks, and returns their names. */
export async function registerMissing(connection: Connection, namespace: string): Promise<string[]> {
  const missing = await missingAttributes(connection, namespace);
  if (missing.length === 0) return [];
  const searchAttributes = Object.fromEntries(missing.map(({ name, number }) => [name, number]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    if (codeOf(error) === ALREADY_EXISTS) return registerMissing(connection, namespace); // another start was faster
    throw refused(error) ? new RegisteredElsewhere(commandsFor(namespace, missing)) : error;
  }
  return missing.map(({ name }) => name);
}

/**
 * Refuses a server on which the workflows could not run.
 * @throws Error that names the missing search attributes
 */
export async function requirePrepared(connection: Connection, namespace: string): Promise<void> {
  const missing = await missingAttributes(connection, namespace);
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(', ');
  throw new Error(
    `Temporal's namespace ${namespace} lacks the search attributes ${names}: run tenor migrate`,
  );
}

type Attribute = (typeof SEARCH_ATTRIBUTES)[number];

/**
 * The search attributes that a namespace lacks.
 * @throws Error if an attribute does not have the type that workflows set
 */
async function missingAttributes(connection: Connection, namespace: string): Promise<Attribute[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  for (const { name, number, cliType } of SEARCH_ATTRIBUTES) {
    const found: number | null | undefined = customAttributes[name];
    if (found !== undefined && found !== number)
      throw new Error(
        `the search attribute ${name} of Temporal's namespace ${namespace} is not of type ${cliType}`,
      );
  }
  return SEARCH_ATTRIBUTES.filter(({ name }) => customAttributes[name] === undefined);
}

/** Registers the namespace unless it exists. Returns whether it did so. */
async function registerNamespace({ workflowService }: Connection, namespace: string): Promise<boolean> {
  try {
    await workflowService.describeNamespace({ namespace });
    return false;
  } catch (error) {
    if (codeOf(error) !== NOT_FOUND) throw error;
  }
  try {
    await workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs(RETENTION),
    });
    return true;
  } catch (error) {
    if (codeOf(error) === ALREADY_EXISTS) return false;
    const command = `temporal operator namespace create --namespace ${namespace} --retention 30d`;
    throw refused(error)
      ? new RegisteredElsewhere(
          `Temporal has no namespace ${namespace}, and does not allow tenor to make it:\n  ${command}`,
        )
      : error;
  }
}

/** The commands by which an operator registers search attributes. */
export function commandsFor(namespace: string, missing: readonly Attribute[]): string {
  const operator = missing.map(({ name, cliType }) => `--name ${name} --type ${cliType}`).join(' ');
  const cloud = missing.map(({ name, cliType }) => `--search-attribute "${name}=${cliType}"`).join(' ');
  return `Temporal does not allow tenor to register search attributes. In Temporal Cloud:
  tcld namespace search-attributes add --namespace ${namespace} ${cloud}
On a server of your own, as its operator:
  temporal operator search-attribute create --namespace ${namespace} ${operator}`;
}

/** The gRPC code with which a server refused a request; null for any other error. */
export function codeOf(error: unknown): number | null {
  return isGrpcServiceError(error) ? error.code : null;
}

function refused(error: unknown): boolean {
  return [PERMISSION_DENIED, UNIMPLEMENTED].includes(codeOf(error) ?? 0);
}
