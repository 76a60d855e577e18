import pg from 'pg';
import { currentMerchant } from './call.ts';
import { ConnectionShares } from './shares.ts';

type Connected = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

/** A pool that divides its connections fairly among the merchants on whose behalf they are used (`onBehalfOf`). */
export class SharedPool extends pg.Pool {
  readonly #shares: ConnectionShares;

  constructor(config: pg.PoolConfig & { readonly max: number; readonly connectionTimeoutMillis: number }) {
    super(config);
    this.#shares = new ConnectionShares(config.max, config.connectionTimeoutMillis);
  }

  /** How many statements and transactions wait because all connections are taken. */
  get inLine(): number {
    return this.waitingCount + this.#shares.waiting;
  }

  /** Takes a connection. `query` calls it for each statement outside of a transaction. */
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    const connecting = this.#connect();
    if (callback === undefined) return connecting;
    connecting.then(
      (client) => callback(undefined, client, (error) => client.release(error as Error | undefined)),
      (error: unknown) => callback(error as Error, undefined, () => undefined),
    );
    return undefined;
  }

  async #connect(): Promise<pg.PoolClient> {
    const giveBack = await this.#shares.take(currentMerchant());
    try {
      const client = await super.connect();
      const release = client.release.bind(client);
      client.release = (error) => {
        release(error);
        giveBack();
      };
      return client;
    } catch (error) {
      giveBack();
      throw error;
    }
  }
}
