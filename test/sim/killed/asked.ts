import type { Change } from './client.ts';

/** How many requests of each kind the API has answered as stored. */
export interface Asked {
  commands: number;
  receipts: number;
  charges: number;
  methods: number;
}

/** Counts a request by its answer. A command that was refused when it was decided is stored, too. */
export function countAsked(asked: Asked, { method, path, body, answer }: Change): void {
  if (method !== 'POST') return;
  const stored = answer.status < 300;
  const decided = stored || (answer.status === 409 && answer.body.command !== undefined);
  if (path === '/v1/orders' && decided) {
    asked.commands++;
    if (typeof body === 'object' && body !== null && 'payment_method' in body) asked.methods++;
  }
  if (path.endsWith('/commands') && decided) asked.commands++;
  if (path.endsWith('/receipts') && stored) asked.receipts++;
  if (path === '/v1/one-time-charges' && stored) asked.charges++;
  if (path === '/v1/payment-methods' && stored) asked.methods++;
}
