import { type MasterKeys, unsealByAny } from './master-keys.ts';
import { seal, unseal } from './sealing.ts';

/** Seals secrets that Tenor itself has to use again, such as those that sign webhooks, under the current master key. */
export interface SecretBox {
  /** @param about the id of the row that stores the sealed secret, which opens for this id only */
  seal(secret: Uint8Array, about: string): Uint8Array;
  /** @throws an Error if no master key that is known here opens it */
  open(sealed: Uint8Array, about: string): Uint8Array;
  /** Seals it again under the current master key; null if it is sealed under that key already. */
  renew(sealed: Uint8Array, about: string): Uint8Array | null;
}

export function createSecretBox(keys: MasterKeys): SecretBox {
  return {
    seal: (secret, about) => seal(keys[0], Buffer.from(secret), about),
    open: (sealed, about) => unsealByAny(keys, sealed, about),
    renew(sealed, about) {
      try {
        unseal(keys[0], sealed, about);
        return null;
      } catch {
        return seal(keys[0], unsealByAny(keys, sealed, about), about);
      }
    },
  };
}
