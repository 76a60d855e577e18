import type { SendOutcome } from '../domain/mails/retry.ts';

/** A mail with its texts, as it goes to the SMTP server. */
export interface OutgoingMail {
  /** The id of its row, from which its Message-ID comes. */
  readonly id: string;
  readonly from: { readonly name: string; readonly address: string };
  readonly replyTo: string | null;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly attachments: readonly MailAttachment[];
}

export interface MailAttachment {
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** The end of one try. */
export interface SendResult {
  readonly outcome: SendOutcome;
  /** The reply code of the SMTP server, such as 250 or 550. Null if there was no reply. */
  readonly reply: number | null;
  /** The server's reply or the error, without mail addresses. Null if all recipients were accepted. */
  readonly detail: string | null;
}

/** Hands mails to an SMTP server. */
export interface Mailer {
  /** Sends one mail. It does not throw: a failure of the server or the network is a result. */
  send(mail: OutgoingMail): Promise<SendResult>;
  /** The address from which the installation writes to operators. */
  readonly ownAddress: string;
  close(): void;
}

/** The Message-ID of a mail. It is the same for each try, so that mail programs show a mail that arrived twice only once. */
export function messageIdOf(mailId: string, domain: string): string {
  return `<${mailId}@${domain}>`;
}
