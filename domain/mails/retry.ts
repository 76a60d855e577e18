/**
 * The outcome of a try to send a mail. `accepted`: the server has taken responsibility for the mail. `refused`: it refused the mail
 * permanently, by a reply of 500 to 599 to the sender, the recipients or the content. `deferred`: it may accept the mail later.
 * `unreachable`: the server, the connection or the sign-in failed, or no reply came in time.
 */
export type SendOutcome = 'accepted' | 'refused' | 'deferred' | 'unreachable';

/** Pauses before the next try, in seconds. The last one repeats. */
const PAUSES = [60, 300, 900, 1_800, 3_600, 7_200, 14_400];
/** The longest pause while the server is unreachable, so that mails are sent soon after it is back. */
const LONGEST_UNREACHABLE_S = 1_800;
/** A mail that was not accepted after three days is not tried again. */
export const GIVE_UP_AFTER_S = 3 * 86_400;

/** The seconds until the next try of a mail that was not accepted. Null if there is none. */
export function nextTryIn(
  outcome: Exclude<SendOutcome, 'accepted'>,
  { tries, ageSeconds }: { readonly tries: number; readonly ageSeconds: number },
): number | null {
  if (outcome === 'refused') return null;
  const pause = PAUSES[Math.min(tries, PAUSES.length) - 1] ?? 60;
  const wait = outcome === 'unreachable' ? Math.min(pause, LONGEST_UNREACHABLE_S) : pause;
  return ageSeconds + wait > GIVE_UP_AFTER_S ? null : wait;
}
