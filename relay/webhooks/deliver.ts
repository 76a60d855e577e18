/**
 * Sends the webhooks that are due. Many are under way at once, but only a few of each endpoint and merchant, and one of a failing
 * endpoint. So endpoints that hang occupy only their own places.
 */
import type { SecretBox } from '../../db/parties/secrets.ts';
import { onBehalfOf } from '../../db/platform/call.ts';
import type { Pool } from '../../db/platform/pool.ts';
import { type EventRow, getEvent } from '../../db/events/events.ts';
import {
  type ClaimedWebhook,
  type DueEndpoint,
  claimWebhooks,
  discardWebhook,
  endpointsWithDue,
} from '../../db/webhooks/queue.ts';
import { eventJson } from '../../domain/events/event.ts';
import { recordTry } from '../../engine/webhooks/outcomes.ts';
import type { Observer } from '../../telemetry/observer.ts';
import { Bell } from '../bell.ts';
import { secondsToWait } from './retry-after.ts';
import type { Sender, Try } from './send.ts';
import { signedHeaders } from './sign.ts';

/** The most webhooks that a relay has under way: in all, of an endpoint, and of a live or a test merchant. */
export interface Places {
  readonly all: number;
  readonly ofEndpoint: number;
  readonly ofLive: number;
  readonly ofTest: number;
  /** Of failing endpoints together, each of which has one. */
  readonly failing: number;
}
const PLACES: Places = { all: 96, ofEndpoint: 8, ofLive: 32, ofTest: 8, failing: 48 };
/** The pause after a look that found nothing. */
const PAUSE_MS = 1_000;
/** The pause after a claim that returned nothing, because other relays have the webhooks or they wait for earlier events. */
const LOST_MS = 20;

export interface WebhookDeps {
  readonly pool: Pool;
  readonly sender: Sender;
  readonly secrets: Pick<SecretBox, 'open'>;
  readonly log: { warn(fields: object, message: string): void };
  readonly observer?: Pick<Observer, 'webhook'> | undefined;
  /** Called at the moments at which tests kill the process. */
  readonly onMoment?: ((moment: 'webhook:answered') => void) | undefined;
  readonly pauseMs?: number | undefined;
  readonly places?: Places;
  /** The wall time in milliseconds, by default that of the process. */
  readonly now?: () => number;
}

/** A webhook that is under way. */
interface Flight {
  readonly merchant: string;
  readonly endpoint: string;
  readonly failing: boolean;
}

/** The webhooks that one relay has under way, and its place in the round over the endpoints. */
export class WebhookRelay {
  readonly #deps: WebhookDeps;
  readonly #places: Places;
  readonly #flights = new Map<Promise<void>, Flight>();
  readonly #bell: Bell;
  #after = { merchant: '', endpoint: '' };
  /** Whether something was claimed since the last round that found nothing. */
  #hasClaimed = false;

  constructor(deps: WebhookDeps, bell = new Bell()) {
    this.#deps = deps;
    this.#places = deps.places ?? PLACES;
    this.#bell = bell;
  }

  /** Sends webhooks until the signal aborts, then waits for those under way. */
  async run(stop: AbortSignal): Promise<void> {
    const { log, pauseMs = PAUSE_MS } = this.#deps;
    while (!stop.aborted) {
      let pause = pauseMs * (0.5 + Math.random() / 2);
      try {
        pause = (await this.look()) ?? pause;
      } catch (error) {
        log.warn({ error: String(error) }, 'the relay could not send webhooks; it tries again');
      }
      if (pause > 0) await this.#bell.wait(pause, stop);
    }
    await this.settled();
  }

  /** Waits for all webhooks that are under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#flights.keys());
  }

  /** Begins to send webhooks of the next endpoints. Returns the pause before the next look; null after one that found nothing. */
  async look(): Promise<number | null> {
    const free = this.#places.all - this.#flights.size;
    if (free <= 0) return null; // a place that becomes free rings the bell
    const { pool } = this.#deps;
    const due = await endpointsWithDue(pool, this.#after, { busy: this.#busy(), limit: free });
    const roundEnds = due.length < free;
    const last = due.at(-1);
    this.#after = roundEnds || last === undefined ? { merchant: '', endpoint: '' } : last;
    const turns = this.#turns(due, free);
    if (turns.length === 0) {
      if (!roundEnds) return 0;
      const again = this.#hasClaimed;
      this.#hasClaimed = false;
      return again ? 0 : null;
    }
    this.#hasClaimed = true;
    const claimed = await claimWebhooks(pool, turns);
    const failing = new Set(due.flatMap((each) => (each.failing ? [each.endpoint] : [])));
    for (const webhook of claimed) this.#begin(webhook, failing.has(webhook.endpoint));
    return claimed.length === 0 ? LOST_MS : 0;
  }

  /** The endpoints that may have no more under way. */
  #busy(): string[] {
    const counts = new Map<string, number>();
    const busy = new Set<string>();
    for (const { endpoint, failing } of this.#flights.values()) {
      const count = (counts.get(endpoint) ?? 0) + 1;
      counts.set(endpoint, count);
      if (failing || count >= this.#places.ofEndpoint) busy.add(endpoint);
    }
    return [...busy];
  }

  /** How many webhooks of each endpoint to claim. */
  #turns(due: readonly DueEndpoint[], free: number): { merchant: string; endpoint: string; most: number }[] {
    const { ofEndpoint, ofLive, ofTest, failing: mostFailing } = this.#places;
    const flights = [...this.#flights.values()];
    const ofMerchant = new Map<string, number>();
    for (const { merchant } of flights) ofMerchant.set(merchant, (ofMerchant.get(merchant) ?? 0) + 1);
    let left = free;
    let failures = flights.filter(({ failing }) => failing).length;
    return due.flatMap(({ merchant, endpoint, live, failing }) => {
      const own = flights.filter((flight) => flight.endpoint === endpoint).length;
      const ofThis = ofMerchant.get(merchant) ?? 0;
      const mayHave = failing ? Math.min(1 - own, mostFailing - failures) : ofEndpoint - own;
      const most = Math.min(left, mayHave, (live ? ofLive : ofTest) - ofThis);
      if (most <= 0) return [];
      left -= most;
      ofMerchant.set(merchant, ofThis + most);
      if (failing) failures += most;
      return [{ merchant, endpoint, most }];
    });
  }

  #begin(webhook: ClaimedWebhook, failing: boolean): void {
    const { merchant, endpoint, event } = webhook;
    const flight = this.#deliver(webhook)
      .catch((error: unknown) => {
        // Its lease ends, and it is sent again.
        this.#deps.log.warn(
          { merchant, endpoint, event, error: String(error) },
          'a webhook could not be recorded',
        );
      })
      .finally(() => {
        this.#flights.delete(flight);
        this.#bell.ring();
      });
    this.#flights.set(flight, { merchant, endpoint, failing });
  }

  async #deliver(webhook: ClaimedWebhook): Promise<void> {
    const { pool, observer, log, onMoment, now = Date.now } = this.#deps;
    const { merchant, endpoint, event, tries } = webhook;
    const found = await onBehalfOf(merchant, () => getEvent(pool, merchant, event));
    if (found === null) {
      await discardWebhook(pool, merchant, { endpoint, event });
      return;
    }
    const at = now();
    const tried = await this.#send(webhook, found, at);
    onMoment?.('webhook:answered');
    const { accepted, durationMs, status, error, answer, retryAfter } = tried;
    const recorded = await onBehalfOf(merchant, () =>
      recordTry(pool, {
        merchant,
        key: { endpoint, event },
        tries,
        accepted,
        logged: { at: new Date(at).toISOString(), durationMs, status, error, answer },
        retryAfter: secondsToWait(retryAfter, now()),
        chance: Math.random(),
      }),
    );
    observer?.webhook({ outcome: recorded });
    if (recorded === 'disabled')
      log.warn({ merchant, endpoint, error }, 'a failing webhook endpoint was disabled');
  }

  #send(webhook: ClaimedWebhook, event: EventRow, at: number): Promise<Try> {
    const { secrets, sender } = this.#deps;
    const { endpoint, event: id, url, sealed_secret, sealed_old_secret } = webhook;
    const body = JSON.stringify({ ...eventJson(event), timestamp: event.recorded_at });
    const sealed = [sealed_secret, ...(sealed_old_secret === null ? [] : [sealed_old_secret])];
    const keys = sealed.map((each) => secrets.open(each, endpoint));
    return sender.send({ url, headers: signedHeaders(keys, { id, at, body }), body });
  }
}
