// A Temporal namespace of its own for a test file. It costs some 10 ms, so there is no need to share one.
import { randomBytes } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { inject } from 'vitest';
import { prepareTemporal } from '../../temporal/prepare.ts';

export type TestNamespace = {
  /** `host:port` */
  address: string;
  namespace: string;
  /** To make a `Client` with. */
  connection: Connection;
  close(): Promise<void>;
};

/** Registers a namespace with Tenor's search attributes; it is usable at once. */
export async function createTestNamespace(): Promise<TestNamespace> {
  const address = inject('temporalAddress');
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  const connection = await Connection.connect({ address });
  await prepareTemporal(connection, namespace);
  return { address, namespace, connection, close: () => connection.close() };
}
