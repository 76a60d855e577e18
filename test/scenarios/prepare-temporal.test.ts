import { randomBytes } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { temporal } from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { SEARCH_ATTRIBUTES, commandsFor, prepareTemporal, requirePrepared } from '../../temporal/prepare.ts';

const INT = temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_INT;
const ALL = ['Merchant', 'Customer', 'Plan', 'Phase', 'DunningLevel', 'Incident'];

let connection: Connection;

beforeAll(async () => {
  connection = await Connection.connect({ address: inject('temporalAddress') });
});
afterAll(() => connection.close());

const unused = (): string => `bare-${randomBytes(6).toString('hex')}`;

describe('a Temporal server', () => {
  it('gets the namespace and the search attributes that it lacks, once', async () => {
    const namespace = unused();
    expect(await prepareTemporal(connection, namespace)).toEqual([`namespace ${namespace}`, ...ALL]);
    expect(await prepareTemporal(connection, namespace)).toEqual([]);
    await requirePrepared(connection, namespace);
  });

  it('gets only the search attributes if it has the namespace', async () => {
    const namespace = await bareNamespace();
    expect(await prepareTemporal(connection, namespace)).toEqual(ALL);
  });

  it('is refused by a worker while it lacks search attributes, which the error names', async () => {
    const namespace = await bareNamespace();
    await expect(requirePrepared(connection, namespace)).rejects.toThrow(
      `Temporal's namespace ${namespace} lacks the search attributes ${ALL.join(', ')}: run tenor migrate`,
    );
  });

  it('is refused if a search attribute has another type', async () => {
    const namespace = await bareNamespace();
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: { Phase: INT } });
    await expect(prepareTemporal(connection, namespace)).rejects.toThrow(
      `the search attribute Phase of Temporal's namespace ${namespace} is not of type Keyword`,
    );
  });
});

it('the commands for an operator whose server refuses to register attributes name each attribute with its type', () => {
  const missing = SEARCH_ATTRIBUTES.filter(({ name }) => name === 'Plan' || name === 'DunningLevel');
  const text = commandsFor('billing.a1b2c', missing);
  expect(text).toContain(
    'tcld namespace search-attributes add --namespace billing.a1b2c --search-attribute "Plan=Keyword" --search-attribute "DunningLevel=Int"',
  );
  expect(text).toContain(
    'temporal operator search-attribute create --namespace billing.a1b2c --name Plan --type Keyword --name DunningLevel --type Int',
  );
});

async function bareNamespace(): Promise<string> {
  const namespace = unused();
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  return namespace;
}
