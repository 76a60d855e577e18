// A separate Temporal namespace for a test file. It takes some 10 ms to create, so tests need not share one.
import { randomBytes } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { inject } from 'vitest';
import { prepareTemporal } from '../../temporal/prepare.ts';

export type TestNamespace = {
  /** `host:port` */
  address: string;
  namespace: string;
  /** For creating a `Client`. */
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
