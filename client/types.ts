// Generated from openapi.json by `npm run client`. Do not edit.

export interface NewIssuer {
  /** The merchant's own id for the object, unique per merchant and kind of object. */
  external_id?: string;
  /** The customer that the issuer belongs to. It then bills only the customers below that one in its tree. */
  customer?: string;
  party: IssuerParty;
  /** A picture in base64, which PDFs print at the top right. It is a PNG (8 bits a sample, not interlaced) or a JPEG (grey or RGB) of at most 200,000 bytes and 2,000 pixels a side, with its whole picture. */
  logo?: string;
  /** A country of ISO 3166, two letters. */
  country: string;
  /** A name of the IANA time zone database. */
  time_zone: string;
  series?: {
    invoice?: {
      /** A text with one counter `{####}`, and optionally `{YYYY}`, `{YY}` and `{MM}`. */
      pattern: string;
      first_counter?: number;
    };
    credit_note?: {
      /** A text with one counter `{####}`, and optionally `{YYYY}`, `{YY}` and `{MM}`. */
      pattern: string;
      first_counter?: number;
    };
  };
  /** Whether customers of the issuer get mails. They need `mail_from`. */
  mail_enabled?: boolean;
  /** The address from which mails are sent. The name beside it is that of the party. */
  mail_from?: string;
  /** The address to which recipients answer. By default `mail_from`. */
  mail_reply_to?: string;
}

export interface IssuerParty {
  /** The name that documents print. */
  name: string;
  department?: string;
  /** The person to contact. */
  contact?: string;
  address?: Address;
  email?: string;
  phone?: string;
  /** The VAT id. Its form and check digit are checked. */
  vat_id?: string;
  /** The national tax number. Its form is checked. */
  tax_number?: string;
  /** The IBAN. Its check digits are checked. */
  iban?: string;
  bic?: string;
  bank_name?: string;
  /** The party's own reference, which documents print. */
  reference?: string;
  /** Details that the law requires on an issuer's letters, such as its register and its directors. */
  legal_notice?: string;
}

export interface Address {
  line1?: string;
  line2?: string;
  postal_code?: string;
  city?: string;
  region?: string;
}

export interface IssuerPatch {
  /** Replaces all names and addresses. The logo stays. */
  party?: IssuerParty;
  /** Replaces the logo; null removes it. */
  logo?: string | null;
  /** Whether customers of the issuer get mails. They need `mail_from`. */
  mail_enabled?: boolean;
  mail_from?: string | null;
  mail_reply_to?: string | null;
}

export interface NewTaxPolicy {
  /** The merchant's own id for the object, unique per merchant and kind of object. */
  external_id?: string;
  name: string;
  rates?: NewTaxRate[];
}

export interface NewTaxRate {
  /** A country of ISO 3166, two letters. */
  country: string;
  /** A local date, YYYY-MM-DD. */
  valid_from: string;
  category?: string;
  /** The rate in percent, 0 to 100. */
  rate: string | number;
  /** The text that documents print. By default it is made from the rate. */
  text?: string;
}

export interface NewPlanGroup {
  /** The merchant's own id for the object, unique per merchant and kind of object. */
  external_id?: string;
  name: string;
  /** A currency of ISO 4217. */
  currency: string;
  price_mode?: 'net' | 'gross';
  /** An id, or the merchant's external id. */
  tax_policy: string;
  /** An id, or the merchant's external id. */
  issuer: string;
}

export interface NewPlan {
  /** The merchant's own id for the object, unique per merchant and kind of object. */
  external_id?: string;
  /** An id, or the merchant's external id. */
  plan_group: string;
  name: string;
  description?: string;
}

export interface NewComponent {
  /** The merchant's own id for the object, unique per merchant and kind of object. */
  external_id?: string;
  /** An id, or the merchant's external id. */
  plan_group: string;
  kind: 'bookable' | 'on_off' | 'metered';
  /** By default the tax policy of the plan group. */
  tax_policy?: string;
  /** The name that lines print. */
  name: string;
  description?: string;
  price: PriceModel;
  /** How many of the first units are free. */
  included?: string | number;
  /** The most that a full period costs. It may not be finer than the currency. */
  cap?: string;
  interval: Interval;
  /** When the component is paid: `pre_paid` in advance, `post_paid` in arrears, `billed_until` as far ahead as the fee. By default `pre_paid`. Metered components are always `post_paid`. */
  payment_mode?: 'pre_paid' | 'post_paid' | 'billed_until';
  /** Whether the component has its own anchor, which is its first day, and its own bill runs. */
  standalone?: boolean;
  /** How the usage of a period becomes a quantity, for metered components. By default the sum. */
  aggregation?: 'sum' | 'max' | 'last' | 'unique';
}

export type PriceModel = {
  kind: 'simple';
  /** A price in major units, as text. It has at most 12 digits in minor units, and may be finer than the currency. */
  price: string;
} | {
  kind: 'volume';
  tiers: {
    /** The upper bound, inclusive. Null for the last tier, which must be open. */
    up_to: string | number | null;
    /** A price in major units, as text. It has at most 12 digits in minor units, and may be finer than the currency. */
    price: string;
  }[];
} | {
  kind: 'graduated';
  tiers: {
    /** The upper bound, inclusive. Null for the last tier, which must be open. */
    up_to: string | number | null;
    /** A price in major units, as text. It has at most 12 digits in minor units, and may be finer than the currency. */
    price: string;
  }[];
} | {
  kind: 'buckets';
  tiers: {
    /** The upper bound, inclusive. Null for the last tier, which must be open. */
    up_to: string | number | null;
    /** The price of the whole bucket. */
    flat?: string;
    /** A price per unit instead of `flat`. Only the open bucket may have it. */
    price?: string;
  }[];
} | {
  kind: 'discount';
  /** A price in major units, as text. It has at most 12 digits in minor units, and may be finer than the currency. */
  price: string;
  tiers: {
    /** The lower bound, inclusive. */
    from: string | number;
    /** The percentage off all units. */
    percent: string | number;
  }[];
} | {
  kind: 'free';
};

/** A number of days, weeks, months or years. */
export interface Interval {
  unit: 'day' | 'week' | 'month' | 'year';
  count?: number;
}

export interface NewComponentVersion {
  /** The name that lines print. */
  name: string;
  description?: string;
  price: PriceModel;
  /** How many of the first units are free. */
  included?: string | number;
  /** The most that a full period costs. It may not be finer than the currency. */
  cap?: string;
  interval: Interval;
  /** When the component is paid: `pre_paid` in advance, `post_paid` in arrears, `billed_until` as far ahead as the fee. By default `pre_paid`. Metered components are always `post_paid`. */
  payment_mode?: 'pre_paid' | 'post_paid' | 'billed_until';
  /** Whether the component has its own anchor, which is its first day, and its own bill runs. */
  standalone?: boolean;
  /** How the usage of a period becomes a quantity, for metered components. By default the sum. */
  aggregation?: 'sum' | 'max' | 'last' | 'unique';
}

export interface NewVariant {
  /** The merchant's own id for the object, unique per merchant and kind of object. */
  external_id?: string;
  /** An id, or the merchant's external id. */
  plan: string;
  /** The name that lines print. */
  name: string;
  description?: string;
  /** The fee of one fee interval. It may not be finer than the currency. Null for no fee. */
  fee: string | null;
  fee_interval: Interval;
  /** How often a contract has a bill run. By default the fee interval. */
  billing_interval?: Interval;
  /** The length of the trial. It is granted once, at the order. Nothing is billed in it. */
  trial?: Interval;
  /** A fee that is billed once, with the first bill. It may not be finer than the currency. */
  setup_fee?: string;
  /** The time for which a contract cannot be left: a multiple of the fee interval. */
  term?: Interval;
  /** How long the contract continues after its term, again and again. Without it the contract ends with its term. */
  renewal?: Interval;
  /** How long before its end the contract must be cancelled. */
  notice?: Interval;
  /** How a part of a period is charged. `days` charges whole days. `seconds` charges seconds, and changes count from their instant. The contract still begins at the first instant of its first day: if it is ordered at 10:00 and cancelled ten days later at 10:00, it pays for 10 days and 10 hours, and with `days` for 10 days. `none` charges only whole periods. */
  proration?: 'days' | 'seconds' | 'none';
  credit_on_pause?: boolean;
  credit_on_cancel?: boolean;
  /** The components that may be booked. Other components are not allowed. */
  components?: {
    /** An id, or the merchant's external id. */
    component: string;
    /** Whether the component is booked with the variant, or only on request. */
    rule: 'included' | 'optional';
    /** The quantity that is booked with the variant, for an included component. */
    quantity?: string | number;
    /** How many of the first units are free. By default the component's `included`. */
    included?: string | number;
    /** The least total quantity of all subscriptions of the component. */
    least?: string | number;
    /** The greatest total quantity of all subscriptions of the component. */
    most?: string | number;
  }[];
}

export interface NewVariantVersion {
  /** The name that lines print. */
  name: string;
  description?: string;
  /** The fee of one fee interval. It may not be finer than the currency. Null for no fee. */
  fee: string | null;
  fee_interval: Interval;
  /** How often a contract has a bill run. By default the fee interval. */
  billing_interval?: Interval;
  /** The length of the trial. It is granted once, at the order. Nothing is billed in it. */
  trial?: Interval;
  /** A fee that is billed once, with the first bill. It may not be finer than the currency. */
  setup_fee?: string;
  /** The time for which a contract cannot be left: a multiple of the fee interval. */
  term?: Interval;
  /** How long the contract continues after its term, again and again. Without it the contract ends with its term. */
  renewal?: Interval;
  /** How long before its end the contract must be cancelled. */
  notice?: Interval;
  /** How a part of a period is charged. `days` charges whole days. `seconds` charges seconds, and changes count from their instant. The contract still begins at the first instant of its first day: if it is ordered at 10:00 and cancelled ten days later at 10:00, it pays for 10 days and 10 hours, and with `days` for 10 days. `none` charges only whole periods. */
  proration?: 'days' | 'seconds' | 'none';
  credit_on_pause?: boolean;
  credit_on_cancel?: boolean;
  /** The components that may be booked. Other components are not allowed. */
  components?: {
    /** An id, or the merchant's external id. */
    component: string;
    /** Whether the component is booked with the variant, or only on request. */
    rule: 'included' | 'optional';
    /** The quantity that is booked with the variant, for an included component. */
    quantity?: string | number;
    /** How many of the first units are free. By default the component's `included`. */
    included?: string | number;
    /** The least total quantity of all subscriptions of the component. */
    least?: string | number;
    /** The greatest total quantity of all subscriptions of the component. */
    most?: string | number;
  }[];
}

export interface NewCustomer {
  /** The merchant's own id for the object, unique per merchant and kind of object. */
  external_id?: string;
  party: Party;
  /** A country of ISO 3166, two letters. */
  country: string;
  /** A name of the IANA time zone database. */
  time_zone: string;
  /** The language of documents and mails: de, en, also with a country: `de-AT`. */
  language?: string;
  /** The payment term in days of the customer's new accounts, unless an order has its own. */
  payment_term_days?: number;
  /** The title pattern of invoices: a text with `{plan}`, `{MM}`, `{MMM}`, `{MMMM}`, `{YY}` or `{YYYY}`. They stand for the plan and the day of the bill, with months in the customer's language. Without a pattern, and on credit notes, the title is the plan's name. It is not stored in the vault. */
  invoice_title?: string;
  mail_addresses?: CustomerMailAddresses;
  /** The purposes for which the customer gets no mail. */
  mail_off?: ('invoice' | 'credit_note' | 'receipt' | 'collection_notice' | 'payment_failed' | 'action_required' | 'card_expires')[];
  /** The parent in the tree of customers. The customer shares the clock of the root. */
  parent?: string;
  /** A test clock. Only the root of a tree may have one, and only in a test merchant. */
  clock?: string;
}

export interface Party {
  /** The name that documents print. */
  name: string;
  department?: string;
  /** The person to contact. */
  contact?: string;
  address?: Address;
  email?: string;
  phone?: string;
  /** The VAT id. Its form and check digit are checked. */
  vat_id?: string;
  /** The national tax number. Its form is checked. */
  tax_number?: string;
  /** The IBAN. Its check digits are checked. */
  iban?: string;
  bic?: string;
  bank_name?: string;
  /** The party's own reference, which documents print. */
  reference?: string;
}

/** The recipients of mails by purpose. `default` is for purposes without addresses of their own. Without it, mails go to the `email` of the party. They are stored only in the vault. */
export interface CustomerMailAddresses {
  default?: MailAddresses;
  invoice?: MailAddresses;
  credit_note?: MailAddresses;
  receipt?: MailAddresses;
  collection_notice?: MailAddresses;
  payment_failed?: MailAddresses;
  action_required?: MailAddresses;
  card_expires?: MailAddresses;
}

export interface MailAddresses {
  to: string[];
  cc?: string[];
}

export interface CustomerPatch {
  external_id?: string | null;
  party?: Party;
  /** A country of ISO 3166, two letters. */
  country?: string;
  /** The language of documents and mails: de, en, also with a country: `de-AT`. */
  language?: string;
  payment_term_days?: number | null;
  invoice_title?: string | null;
  mail_addresses?: CustomerMailAddresses;
  /** The purposes for which the customer gets no mail. */
  mail_off?: ('invoice' | 'credit_note' | 'receipt' | 'collection_notice' | 'payment_failed' | 'action_required' | 'card_expires')[];
}

export interface NewBillingAccount {
  /** An id, or the merchant's external id. */
  customer: string;
  /** An id, or the merchant's external id. */
  issuer: string;
  /** A currency of ISO 4217. */
  currency: string;
  name?: string;
  payment_term_days?: number;
  /** An id. */
  payment_method?: string;
  collection?: CollectionByInvoice | CollectionByBalance;
  /** Contracts of an `immediate` account make a document with each bill. Contracts of a `collective` one make charges, and a run of the account makes one document of all of them. */
  kind?: 'immediate' | 'collective';
  /** Null: a run comes only if it is asked for. */
  runs?: RunCalendar | null;
  /** The mode of all prices of a collective account. It is needed unless contracts of the account say it, and never changes. */
  price_mode?: 'net' | 'gross';
}

/** Each invoice is collected by itself, when it is made. */
export interface CollectionByInvoice {
  by: 'invoice';
}

/** Everything that is open on the account, due or not, is collected in one payment, on days of the account's zone. */
export interface CollectionByBalance {
  by: 'balance';
  /** Null: only if it is asked for. */
  every?: RunInterval | null;
  /** The first day. Later ones are counted from it. */
  anchor?: string;
  /** Only more than this is collected. The rest waits for the next day. */
  threshold?: string;
  /** The currency of the threshold. If it is sent, it must be that of the account. */
  currency?: string;
  /** How many days before, the customer is told the amount and the day; 0 for no notice. */
  notice_days?: number;
}

/** A quarter is three months. */
export interface RunInterval {
  unit: 'week' | 'month' | 'year';
  count?: number;
}

/** Runs begin with the days anchor + n × interval, in the account's time zone. */
export interface RunCalendar {
  every: RunInterval;
  /** The day of the first run. Later ones are counted from it. */
  anchor: string;
}

export interface BillingAccountPatch {
  name?: string;
  payment_term_days?: number;
  payment_method?: string | null;
  collection?: CollectionByInvoice | CollectionByBalance;
  /** Contracts of an `immediate` account make a document with each bill. Contracts of a `collective` one make charges, and a run of the account makes one document of all of them. */
  kind?: 'immediate' | 'collective';
  /** Null: a run comes only if it is asked for. */
  runs?: RunCalendar | null;
  /** The mode of all prices of a collective account. It is needed unless contracts of the account say it, and never changes. */
  price_mode?: 'net' | 'gross';
}

export interface NewReceipt {
  /** An amount in major units, as text. */
  amount: string;
  /** If it is sent, it must be that of the account. */
  currency?: string;
  /** The number of the receipt, or the text of the transfer. */
  reference: string;
  /** When the payment counts. By default the customer's now, which it cannot exceed. */
  at?: string;
}

export interface NewAccountJob {
  /** `bill` makes a run of each collective account. `deactivate` stops runs and collection, and pauses the contracts. `activate` undoes that. */
  kind: 'bill' | 'deactivate' | 'activate';
  /** One billing account. */
  account?: string;
  /** The accounts of a customer and of all its descendants. */
  customer?: string;
  /** All accounts of an issuer. */
  issuer?: string;
}

export interface BillingPreviewRequest {
  /** One billing account. */
  account?: string;
  /** The accounts of a customer and of all its descendants. */
  customer?: string;
  /** All accounts of an issuer. */
  issuer?: string;
}

export interface NewAccountStatement {
  /** The first day, in the account's time zone. */
  from: string;
  /** The day after the last day, tomorrow at the latest. */
  to: string;
}

export interface NewPaymentMethodOf {
  /** An id, or the merchant's external id. */
  customer: string;
  provider: string;
  token: string;
}

export interface OrderRequest {
  /** The external id of the contract. */
  external_id?: string;
  /** The id or external id of an existing customer, or a new customer. */
  customer: string | NewCustomer;
  /** An id, or the merchant's external id. */
  variant: string;
  /** Optional components to book, and included components that are booked in another quantity. */
  components?: Booking[];
  /** The first local day. By default today on the customer's clock. */
  start?: string;
  /** The day from which periods are counted. By default the start, or the end of the trial. */
  anchor?: string;
  /** A billing account of the customer. By default the default account. */
  account?: string;
  /** The issuer of the invoices. By default the issuer of the plan group. */
  issuer?: string;
  /** The payment method of the contract. If the account has none, it becomes that of the account, too. */
  payment_method?: string | NewPaymentMethod;
  /** The payment term in days of the account, if the order creates it. */
  payment_term_days?: number;
}

export interface Booking {
  /** An id, or the merchant's external id. */
  component: string;
  /** A quantity above 0: a text, or a number of at most 15 significant digits. */
  quantity?: string | number;
  /** The first day of the booking. By default it begins when the command counts. */
  start?: string;
  /** The day after the last day of the booking. By default it has no end. */
  end?: string;
}

export interface NewPaymentMethod {
  provider: string;
  token: string;
}

export interface ContractPatch {
  /** A payment method of the customer. Null to use the account's method. */
  payment_method?: string | null;
  /** Another billing account with the same issuer and currency. Charges that were made stay where they are. */
  account?: string;
}

export type CommandRequest = Change | Pause | Resume | Cancel | Withdraw;

export interface Change {
  kind: 'change';
  /** The variant to change to. It must be in the same plan group. */
  variant?: string;
  components?: ComponentChanges;
  /** When the command takes effect: `now`, `period_end`, or a local date in the contract's time zone, today or later. */
  effective: string;
  /** On a collective account, the lines of the command come with the next run. With `now` they have a document at once, together with charges that wait and that they credit. The command must take effect `now`. */
  bill?: 'now';
}

export interface ComponentChanges {
  add?: Booking[];
  /** New quantities of component subscriptions. They are absolute; 0 ends the subscription. */
  set?: {
    /** The id of a component subscription. If the contract has booked the component only once, the id or external id of the component is accepted, too. Otherwise the request is refused with `subscription_ambiguous`, which lists the ids. */
    subscription: string;
    /** The new quantity. It is absolute; 0 ends the subscription. A text, or a number of at most 15 significant digits. */
    quantity: string | number;
  }[];
  /** Component subscriptions to end. */
  remove?: string[];
}

export interface Pause {
  kind: 'pause';
  reason?: 'customer' | 'operator';
  /** When the command takes effect: `now`, `period_end`, or a local date in the contract's time zone, today or later. */
  effective?: string;
}

export interface Resume {
  kind: 'resume';
  reason?: 'customer' | 'operator';
  /** When the command takes effect: `now`, `period_end`, or a local date in the contract's time zone, today or later. */
  effective?: string;
}

export interface Cancel {
  kind: 'cancel';
  /** When the command takes effect: `now`, `period_end`, or a local date in the contract's time zone, today or later. */
  effective: string;
  /** Whether the unused rest is credited. By default the variant decides. */
  credit?: boolean;
  /** Whether the contract may end before its term and notice allow it. */
  waive_term?: boolean;
  /** On a collective account, the lines of the command come with the next run. With `now` they have a document at once, together with charges that wait and that they credit. The command must take effect `now`. */
  bill?: 'now';
}

export interface Withdraw {
  kind: 'withdraw';
  /** The command whose scheduled change is withdrawn. */
  command: string;
}

export interface NewOneTimeCharge {
  /** The customer. Send either this or `contract`. */
  customer?: string;
  /** The contract. Send either this or `customer`. */
  contract?: string;
  /** The customer's billing account. By default the default account with `issuer`. */
  account?: string;
  /** The issuer of the document, if the request names a customer without an account. */
  issuer?: string;
  /** The merchant's product that the charge is for. */
  application?: string;
  text: string;
  /** A date within ten years of today. By default today on the customer's clock. */
  service_date?: string;
  /** A quantity above 0: a text, or a number of at most 15 significant digits. */
  quantity?: string | number;
  /** A price in major units, as text. It has at most 12 digits in minor units, and may be finer than the currency. A price below zero makes a credit. */
  unit_price: string;
  /** A currency of ISO 4217. */
  currency: string;
  price_mode: 'net' | 'gross';
  /** An id, or the merchant's external id. */
  tax_policy: string;
  /** The merchant's own reference, for people. */
  reference?: string;
  /** `now` makes a document of its own. `next_invoice` waits for the next document of the contract, or of any contract of the account. */
  bill: 'now' | 'next_invoice';
}

export type UsageReport = UsageEvent | UsageEvent[];

export interface UsageEvent {
  /** The merchant's own id of the event, unique per contract. */
  event_id: string;
  /** An id, or the merchant's external id. */
  component: string;
  /** A text, or a number of at most 15 significant digits, with an absolute value of at most 10¹² and at most 6 digits after the point. A quantity below zero corrects earlier events. For the aggregation `unique` the default is 1. */
  quantity?: string | number;
  /** An instant with an offset or Z, or `NOW` for the customer's now. */
  at: string;
  /** The aggregation `unique` counts the different values of the events. */
  value?: string;
}

export interface Bounce {
  /** The server's reply. Only its codes are kept. */
  reason?: string;
}

/** A template. A placeholder is `{{name}}`; each purpose has its own. */
export interface NewMailTemplate {
  subject: string;
  /** The plain text. */
  text: string;
  /** The HTML. Values are escaped. */
  html: string;
}

export interface MailPreviewRequest {
  purpose: 'invoice' | 'credit_note' | 'receipt' | 'collection_notice' | 'payment_failed' | 'action_required' | 'card_expires' | 'webhook_disabled';
  language: 'de' | 'en';
  /** A template that is not stored. Without it, the stored or default template is shown. */
  template?: NewMailTemplate;
}

export interface NewMailSettings {
  /** Where the operators of the merchant get their mails. They are stored only in the vault. */
  operators: string[];
  language?: 'de' | 'en';
}

export interface NewTestClock {
  name: string;
  /** The time that the clock shows until it is advanced. */
  at: string;
}

export interface Advance {
  /** An instant with an offset or Z. */
  to?: string;
  /** A duration instead of an instant. It is counted in UTC. */
  by?: {
    unit: 'hour' | 'day' | 'week' | 'month' | 'year';
    count: number;
  };
}

export interface NewWebhookEndpoint {
  /** The URL to which Tenor sends a POST request for each event. It must be an https URL of a public address, without a user, a password or a fragment. */
  url: string;
  /** A note for people. */
  description?: string | null;
  /** The types of events to send. Null for all. */
  event_types?: ('order.accepted' | 'contract.phase_started' | 'contract.changed' | 'contract.change_scheduled' | 'contract.change_withdrawn' | 'contract.paused' | 'contract.resumed' | 'contract.ended' | 'command.refused' | 'invoice.finalised' | 'invoice.paid' | 'invoice.reopened' | 'invoice.collection_stopped' | 'credit_note.finalised' | 'account.run_finished' | 'account.collection_notice' | 'account.collection_stopped' | 'payment.pending' | 'payment.requires_action' | 'payment.succeeded' | 'payment.declined' | 'payment.charged_back' | 'payment.received' | 'account.deactivated' | 'account.activated' | 'customer.created' | 'customer.changed' | 'customer.erased' | 'payment_method.added' | 'payment_method.removed' | 'mail.failed' | 'mail.bounced' | 'incident.opened' | 'incident.closed' | 'clock.ready' | 'clock.stuck' | 'webhook_endpoint.disabled' | 'webhook.test')[] | null;
}

export interface WebhookEndpointChange {
  /** The URL to which Tenor sends a POST request for each event. It must be an https URL of a public address, without a user, a password or a fragment. */
  url?: string;
  /** A note for people. */
  description?: string | null;
  /** The types of events to send. Null for all. */
  event_types?: ('order.accepted' | 'contract.phase_started' | 'contract.changed' | 'contract.change_scheduled' | 'contract.change_withdrawn' | 'contract.paused' | 'contract.resumed' | 'contract.ended' | 'command.refused' | 'invoice.finalised' | 'invoice.paid' | 'invoice.reopened' | 'invoice.collection_stopped' | 'credit_note.finalised' | 'account.run_finished' | 'account.collection_notice' | 'account.collection_stopped' | 'payment.pending' | 'payment.requires_action' | 'payment.succeeded' | 'payment.declined' | 'payment.charged_back' | 'payment.received' | 'account.deactivated' | 'account.activated' | 'customer.created' | 'customer.changed' | 'customer.erased' | 'payment_method.added' | 'payment_method.removed' | 'mail.failed' | 'mail.bounced' | 'incident.opened' | 'incident.closed' | 'clock.ready' | 'clock.stuck' | 'webhook_endpoint.disabled' | 'webhook.test')[] | null;
  /** False: nothing is sent, and events wait. True: everything that waited is sent, in order. */
  enabled?: boolean;
}

export interface WebhookSecretRotation {
  /** For how many hours webhooks are also signed by the old secret. */
  hours?: number;
}

/** All dead events (`dead: true`), or all delivered and dead ones that were recorded from `from` on and before `to`. */
export interface WebhookReplay {
  dead?: true;
  /** An instant with an offset or Z. */
  from?: string;
  /** An instant with an offset or Z. */
  to?: string;
}

export interface NewApiKey {
  /** A name that says who or what uses the key. */
  name: string;
  scopes: Scope[];
  /** An instant with an offset or Z. */
  expires_at?: string;
}

/** A level for everything (`read`), or for one area (`usage:write`). `write` includes `read`, and `admin` includes both. */
export type Scope = 'read' | 'write' | 'admin' | 'issuers:read' | 'issuers:write' | 'issuers:admin' | 'tax-policies:read' | 'tax-policies:write' | 'tax-policies:admin' | 'catalogue:read' | 'catalogue:write' | 'catalogue:admin' | 'customers:read' | 'customers:write' | 'customers:admin' | 'accounts:read' | 'accounts:write' | 'accounts:admin' | 'payment-methods:read' | 'payment-methods:write' | 'payment-methods:admin' | 'orders:read' | 'orders:write' | 'orders:admin' | 'contracts:read' | 'contracts:write' | 'contracts:admin' | 'one-time-charges:read' | 'one-time-charges:write' | 'one-time-charges:admin' | 'usage:read' | 'usage:write' | 'usage:admin' | 'invoices:read' | 'invoices:write' | 'invoices:admin' | 'payments:read' | 'payments:write' | 'payments:admin' | 'events:read' | 'events:write' | 'events:admin' | 'mails:read' | 'mails:write' | 'mails:admin' | 'incidents:read' | 'incidents:write' | 'incidents:admin' | 'test-clocks:read' | 'test-clocks:write' | 'test-clocks:admin' | 'webhook-endpoints:read' | 'webhook-endpoints:write' | 'webhook-endpoints:admin' | 'api-keys:read' | 'api-keys:write' | 'api-keys:admin';

export interface KeyRotation {
  /** For how many hours the old key still works. */
  hours?: number;
}

/** An order was accepted. */
export interface OrderAcceptedEvent {
  /** An id. */
  id: string;
  type: 'order.accepted';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: ContractChangeEventData;
}

export interface ContractChangeEventData {
  external_id: string | null;
  /** `ordered`, `trial`, `normal`, `inactive` or `ended`. */
  phase: string;
  /** An id. */
  variant_version: string;
  pause_reasons: ('customer' | 'operator' | 'dunning' | 'deactivated')[];
  /** A local date. */
  start_date: string;
  trial_ends_at: string | null;
  ended_at: string | null;
  components: {
    /** An id. */
    subscription: string;
    /** An id. */
    component: string;
    quantity: string;
  }[];
  /** The command that made the event. */
  command: string;
}

/** A contract began its trial or its first paid period. */
export interface ContractPhaseStartedEvent {
  /** An id. */
  id: string;
  type: 'contract.phase_started';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: ContractPhaseEventData;
}

export interface ContractPhaseEventData {
  external_id: string | null;
  /** `ordered`, `trial`, `normal`, `inactive` or `ended`. */
  phase: string;
  /** An id. */
  variant_version: string;
  pause_reasons: ('customer' | 'operator' | 'dunning' | 'deactivated')[];
  /** A local date. */
  start_date: string;
  trial_ends_at: string | null;
  ended_at: string | null;
  components: {
    /** An id. */
    subscription: string;
    /** An id. */
    component: string;
    quantity: string;
  }[];
  /** An instant in UTC. */
  phase_starts_at: string;
  command: string | null;
}

/** A change of a contract took effect. */
export interface ContractChangedEvent {
  /** An id. */
  id: string;
  type: 'contract.changed';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: ContractChangeEventData;
}

/** A command of a contract was accepted for a later instant. */
export interface ContractChangeScheduledEvent {
  /** An id. */
  id: string;
  type: 'contract.change_scheduled';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: ScheduledChangeEventData;
}

export interface ScheduledChangeEventData {
  external_id: string | null;
  /** `ordered`, `trial`, `normal`, `inactive` or `ended`. */
  phase: string;
  /** An id. */
  variant_version: string;
  pause_reasons: ('customer' | 'operator' | 'dunning' | 'deactivated')[];
  /** A local date. */
  start_date: string;
  trial_ends_at: string | null;
  ended_at: string | null;
  components: {
    /** An id. */
    subscription: string;
    /** An id. */
    component: string;
    quantity: string;
  }[];
  /** The command that made the event. */
  command: string;
  /** The kind of the command, such as `change`. */
  kind: string;
  /** An instant in UTC. */
  scheduled_for: string;
}

/** A scheduled command will not take effect: it was withdrawn, or the contract ended before it. */
export interface ContractChangeWithdrawnEvent {
  /** An id. */
  id: string;
  type: 'contract.change_withdrawn';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: ScheduledChangeEventData;
}

/** A contract was paused. `pause_reasons` says why. */
export interface ContractPausedEvent {
  /** An id. */
  id: string;
  type: 'contract.paused';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: ContractPhaseEventData;
}

/** A paused contract continues. */
export interface ContractResumedEvent {
  /** An id. */
  id: string;
  type: 'contract.resumed';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: ContractPhaseEventData;
}

/** A contract ended. */
export interface ContractEndedEvent {
  /** An id. */
  id: string;
  type: 'contract.ended';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: ContractPhaseEventData;
}

/** A command, or an order, was refused when it was decided. `code` says why. */
export interface CommandRefusedEvent {
  /** An id. */
  id: string;
  type: 'command.refused';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: RefusedCommandEventData;
}

export interface RefusedCommandEventData {
  external_id: string | null;
  /** `ordered`, `trial`, `normal`, `inactive` or `ended`. */
  phase: string;
  /** An id. */
  variant_version: string;
  pause_reasons: ('customer' | 'operator' | 'dunning' | 'deactivated')[];
  /** A local date. */
  start_date: string;
  trial_ends_at: string | null;
  ended_at: string | null;
  components: {
    /** An id. */
    subscription: string;
    /** An id. */
    component: string;
    quantity: string;
  }[];
  /** The command that made the event. */
  command: string;
  /** The kind of the command, such as `change`. */
  kind: string;
  code: string;
}

/** An invoice got its number. It never changes again. */
export interface InvoiceFinalisedEvent {
  /** An id. */
  id: string;
  type: 'invoice.finalised';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: InvoiceEventData;
}

export interface InvoiceEventData {
  number: string;
  currency: string;
  price_mode: 'net' | 'gross';
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  net: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  tax: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  gross: string;
  /** A local date. */
  issue_date: string;
  /** A local date. */
  due_date: string;
  /** A local date. */
  service_from: string;
  /** The day after the last day. */
  service_to: string;
  /** An id. */
  issuer: string;
  /** The amount still to be paid. */
  open: string;
}

/** An invoice is paid in full. */
export interface InvoicePaidEvent {
  /** An id. */
  id: string;
  type: 'invoice.paid';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: InvoiceEventData;
}

/** A paid invoice is open again, because a payment was charged back. */
export interface InvoiceReopenedEvent {
  /** An id. */
  id: string;
  type: 'invoice.reopened';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: InvoiceEventData;
}

/** The last attempt to collect an invoice was declined. Tenor does not try again by itself, and asks its contract to pause. */
export interface InvoiceCollectionStoppedEvent {
  /** An id. */
  id: string;
  type: 'invoice.collection_stopped';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: InvoiceEventData;
}

/** A credit note got its number. It never changes again. */
export interface CreditNoteFinalisedEvent {
  /** An id. */
  id: string;
  type: 'credit_note.finalised';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: CreditNoteEventData;
}

export interface CreditNoteEventData {
  number: string;
  currency: string;
  price_mode: 'net' | 'gross';
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  net: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  tax: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  gross: string;
  /** A local date. */
  issue_date: string;
  /** A local date. */
  due_date: string;
  /** A local date. */
  service_from: string;
  /** The day after the last day. */
  service_to: string;
  /** An id. */
  issuer: string;
}

/** A run of a collective account was done. `invoice` is its document, and `left_out` has the contracts whose charges come later. */
export interface AccountRunFinishedEvent {
  /** An id. */
  id: string;
  type: 'account.run_finished';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: AccountRunEventData;
}

export interface AccountRunEventData {
  /** An id. */
  run: string;
  cause: 'calendar' | 'hand';
  /** An instant in UTC. */
  until: string;
  /** Null if there was nothing to bill. */
  invoice: string | null;
  /** Contracts whose step failed. Their charges come with the next run. */
  left_out: string[];
}

/** The balance of an account will be collected at `due_at`. The amount and the invoices are those that were open. */
export interface AccountCollectionNoticeEvent {
  /** An id. */
  id: string;
  type: 'account.collection_notice';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: CollectionEventData;
}

export interface CollectionEventData {
  /** An id. */
  collection: string;
  currency: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  amount: string;
  /** An instant in UTC. */
  due_at: string;
  /** The oldest first. */
  invoices: string[];
}

/** The last attempt to collect the balance of an account was declined. Tenor asks its contracts to pause. */
export interface AccountCollectionStoppedEvent {
  /** An id. */
  id: string;
  type: 'account.collection_stopped';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: CollectionEventData;
}

/** A payment is under way, and its provider has not confirmed it yet. */
export interface PaymentPendingEvent {
  /** An id. */
  id: string;
  type: 'payment.pending';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: AttemptEventData;
}

export interface AttemptEventData {
  /** An id. */
  attempt: string;
  /** Which attempt of its invoice or collection it is: 1, 2, 3, … */
  number: number;
  /** Null for an attempt of a collection by balance. */
  invoice: string | null;
  /** The collection by balance that it belongs to. */
  collection: string | null;
  provider: string;
  /** An id. */
  payment_method: string;
  currency: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  amount: string;
}

/** The customer must confirm a payment at `action_url`. */
export interface PaymentRequiresActionEvent {
  /** An id. */
  id: string;
  type: 'payment.requires_action';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: ActionEventData;
}

export interface ActionEventData {
  /** An id. */
  attempt: string;
  /** Which attempt of its invoice or collection it is: 1, 2, 3, … */
  number: number;
  /** Null for an attempt of a collection by balance. */
  invoice: string | null;
  /** The collection by balance that it belongs to. */
  collection: string | null;
  provider: string;
  /** An id. */
  payment_method: string;
  currency: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  amount: string;
  action_url: string | null;
}

/** A payment was collected. */
export interface PaymentSucceededEvent {
  /** An id. */
  id: string;
  type: 'payment.succeeded';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: PaymentEventData;
}

export interface PaymentEventData {
  /** An id. */
  attempt: string;
  /** Which attempt of its invoice or collection it is: 1, 2, 3, … */
  number: number;
  /** Null for an attempt of a collection by balance. */
  invoice: string | null;
  /** The collection by balance that it belongs to. */
  collection: string | null;
  provider: string;
  /** An id. */
  payment_method: string;
  currency: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  amount: string;
  /** An id. */
  payment: string;
}

/** An attempt to collect a payment was declined. `reason` says why. */
export interface PaymentDeclinedEvent {
  /** An id. */
  id: string;
  type: 'payment.declined';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: DeclinedAttemptEventData;
}

export interface DeclinedAttemptEventData {
  /** An id. */
  attempt: string;
  /** Which attempt of its invoice or collection it is: 1, 2, 3, … */
  number: number;
  /** Null for an attempt of a collection by balance. */
  invoice: string | null;
  /** The collection by balance that it belongs to. */
  collection: string | null;
  provider: string;
  /** An id. */
  payment_method: string;
  currency: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  amount: string;
  reason: string | null;
}

/** The bank took a collected payment back. */
export interface PaymentChargedBackEvent {
  /** An id. */
  id: string;
  type: 'payment.charged_back';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: PaymentEventData;
}

/** Money arrived without a provider, such as by bank transfer, and was recorded as a receipt. */
export interface PaymentReceivedEvent {
  /** An id. */
  id: string;
  type: 'payment.received';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: ReceiptEventData;
}

export interface ReceiptEventData {
  currency: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  amount: string;
}

/** A billing account was deactivated. Its contracts are asked to pause. */
export interface AccountDeactivatedEvent {
  /** An id. */
  id: string;
  type: 'account.deactivated';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: {
    /** Null for an active account. */
    deactivated_at: string | null;
  };
}

/** A deactivated billing account is active again. Its contracts are asked to resume. */
export interface AccountActivatedEvent {
  /** An id. */
  id: string;
  type: 'account.activated';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: {
    /** Null for an active account. */
    deactivated_at: string | null;
  };
}

/** A customer was created. */
export interface CustomerCreatedEvent {
  /** An id. */
  id: string;
  type: 'customer.created';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: CustomerEventData;
}

export interface CustomerEventData {
  external_id: string | null;
  parent: string | null;
}

/** A customer was changed. `fields` names what changed. */
export interface CustomerChangedEvent {
  /** An id. */
  id: string;
  type: 'customer.changed';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: ChangedCustomerEventData;
}

export interface ChangedCustomerEventData {
  external_id: string | null;
  parent: string | null;
  fields: string[];
}

/** The personal data of a customer was erased. */
export interface CustomerErasedEvent {
  /** An id. */
  id: string;
  type: 'customer.erased';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: CustomerEventData;
}

/** A customer got a payment method. */
export interface PaymentMethodAddedEvent {
  /** An id. */
  id: string;
  type: 'payment_method.added';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: PaymentMethodEventData;
}

export interface PaymentMethodEventData {
  provider: string;
}

/** A payment method was removed. */
export interface PaymentMethodRemovedEvent {
  /** An id. */
  id: string;
  type: 'payment_method.removed';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: PaymentMethodEventData;
}

/** A mail could not be sent, and is not tried again. `reason` says why. */
export interface MailFailedEvent {
  /** An id. */
  id: string;
  type: 'mail.failed';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: MailEventData;
}

export interface MailEventData {
  purpose: 'invoice' | 'credit_note' | 'receipt' | 'collection_notice' | 'payment_failed' | 'action_required' | 'card_expires' | 'webhook_disabled';
  reason: string | null;
  document: string | null;
  /** The event that made the mail. */
  event: string | null;
}

/** A sent mail was reported as returned. */
export interface MailBouncedEvent {
  /** An id. */
  id: string;
  type: 'mail.bounced';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: MailEventData;
}

/** A step of a contract, of a collective account or of a collection failed. It is retried every hour. */
export interface IncidentOpenedEvent {
  /** An id. */
  id: string;
  type: 'incident.opened';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: IncidentEventData;
}

export interface IncidentEventData {
  step: string;
  code: string | null;
  workflow: string;
  receivable: string | null;
}

/** The step of an incident was done, or is not needed any more. */
export interface IncidentClosedEvent {
  /** An id. */
  id: string;
  type: 'incident.closed';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: IncidentEventData;
}

/** A test clock has reached its target, and everything that was due is done. */
export interface ClockReadyEvent {
  /** An id. */
  id: string;
  type: 'clock.ready';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: ClockEventData;
}

export interface ClockEventData {
  /** An instant in UTC. */
  now: string;
}

/** A test clock cannot advance: see its `problem`. */
export interface ClockStuckEvent {
  /** An id. */
  id: string;
  type: 'clock.stuck';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: ClockEventData;
}

/** A webhook endpoint accepted nothing for three days, or answered 410, and was disabled. Its events wait. */
export interface WebhookEndpointDisabledEvent {
  /** An id. */
  id: string;
  type: 'webhook_endpoint.disabled';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: DisabledEndpointEventData;
}

export interface DisabledEndpointEventData {
  url: string;
  /** An instant in UTC. */
  failing_since: string;
  /** Why the newest webhook was not accepted. */
  error: string | null;
}

/** A test event of a webhook endpoint. Only this endpoint gets it. */
export interface WebhookTestEvent {
  /** An id. */
  id: string;
  type: 'webhook.test';
  /** The object that the event is about. */
  object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  sequence: number;
  customer: string | null;
  account: string | null;
  contract: string | null;
  /** When it happened, on the customer's clock. */
  occurred_at: string;
  /** An instant in UTC. */
  recorded_at: string;
  data: TestEventData;
}

export interface TestEventData {
  url: string;
}

export interface Issuer {
  /** An id. */
  id: string;
  external_id: string | null;
  /** Null for an issuer that bills all customers. */
  customer: string | null;
  country: string;
  time_zone: string;
  version: number;
  party: IssuerPartyData | null;
  logo: Logo | null;
  series: {
    invoice: {
      pattern: string;
      first_counter: number;
    };
    credit_note: {
      pattern: string;
      first_counter: number;
    };
  };
  mail_enabled: boolean;
  mail_from: string | null;
  mail_reply_to: string | null;
  /** An instant in UTC. */
  created_at: string;
}

export interface IssuerPartyData {
  name: string;
  department?: string;
  contact?: string;
  address?: {
    line1?: string;
    line2?: string;
    postal_code?: string;
    city?: string;
    region?: string;
  };
  email?: string;
  phone?: string;
  vat_id?: string;
  tax_number?: string;
  iban?: string;
  bic?: string;
  bank_name?: string;
  reference?: string;
  /** Details that the law requires on an issuer's letters, such as its register and its directors. */
  legal_notice?: string;
}

/** A logo. `GET /v1/issuers/{id}/logo` answers the picture. */
export interface Logo {
  sha256: string;
  media_type: 'image/png' | 'image/jpeg';
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
}

/** A problem of RFC 9457, with a stable code. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  /** A sentence for people. It may change. */
  detail: string;
  /** The stable code of the problem. Later versions may add codes. */
  code: 'invalid_amount' | 'invalid_quantity' | 'invalid_date' | 'invalid_interval' | 'invalid_time_zone' | 'unknown_currency' | 'currency_mismatch' | 'tiers_out_of_order' | 'tiers_not_open' | 'invalid_price' | 'invalid_tax_rate' | 'tax_rate_missing' | 'invalid_iban' | 'invalid_bic' | 'invalid_vat_id' | 'invalid_tax_number' | 'invalid_logo' | 'invalid_title_pattern' | 'invalid_number_pattern' | 'invalid_template' | 'invalid_subject' | 'invalid_signature' | 'invalid_webhook_url' | 'invalid_webhook' | 'invalid_request' | 'malformed_json' | 'unauthenticated' | 'forbidden' | 'not_found' | 'method_not_allowed' | 'request_in_progress' | 'idempotency_key_reused' | 'version_changed' | 'payload_too_large' | 'unsupported_media_type' | 'too_many_requests' | 'internal' | 'not_computed' | 'busy' | 'unavailable' | 'request_timeout' | 'external_id_taken' | 'component_of_other_plan_group' | 'invalid_component' | 'invalid_term' | 'interval_mismatch' | 'series_not_distinct' | 'tax_rate_exists' | 'tax_rate_in_force' | 'tax_rate_used' | 'test_merchant_only' | 'clock_at_root_only' | 'provider_not_available' | 'invalid_token' | 'search_too_wide' | 'erased' | 'pdf_failed' | 'pdf_erased' | 'mail_sender_missing' | 'mail_not_sent' | 'mail_waits' | 'too_many_resends' | 'invalid_command' | 'not_previewed' | 'unreadable_command' | 'nothing_to_change' | 'contract_ended' | 'contract_not_started' | 'before_contract_start' | 'date_in_the_past' | 'scheduled_change_exists' | 'after_cancellation' | 'nothing_scheduled' | 'variant_not_in_plan_group' | 'variant_not_published' | 'component_unknown' | 'component_not_allowed' | 'subscription_ambiguous' | 'subscription_unknown' | 'too_many_components' | 'too_many_lines' | 'quantity_out_of_bounds' | 'interval_not_prorated' | 'before_earliest_end' | 'already_booked' | 'already_paused' | 'not_paused' | 'price_mode_mismatch' | 'foreign_issuer' | 'tree_too_deep' | 'account_not_collective' | 'not_collected_by_balance' | 'collection_under_way' | 'account_deactivated' | 'paused_by_account' | 'too_many_accounts' | 'charges_waiting' | 'no_next_invoice' | 'too_many_waiting' | 'already_billed' | 'too_many_api_keys' | 'too_many_webhook_endpoints' | 'span_empty' | 'too_many_entries' | 'date_in_the_future' | 'incident_closed' | 'clock_advancing' | 'clock_backwards' | 'clock_too_far' | (string & Record<never, never>);
  /** The id of the request, as in the header X-Request-Id and in the log. */
  request_id: string;
  /** The invalid fields of the request. */
  errors?: {
    field: string;
    message: string;
    code?: string;
  }[];
}

export interface TaxPolicy {
  /** An id. */
  id: string;
  external_id: string | null;
  name: string;
  rates: {
    country: string;
    /** A local date. */
    valid_from: string;
    category: string;
    /** A decimal, as text. */
    rate: string;
    text: string;
  }[];
  /** An instant in UTC. */
  created_at: string;
}

export interface PlanGroup {
  /** An id. */
  id: string;
  external_id: string | null;
  name: string;
  currency: string;
  price_mode: 'net' | 'gross';
  /** An id. */
  tax_policy: string;
  /** An id. */
  issuer: string;
  /** An instant in UTC. */
  created_at: string;
}

export interface Plan {
  /** An id. */
  id: string;
  external_id: string | null;
  /** An id. */
  plan_group: string;
  name: string;
  description: string;
  /** An instant in UTC. */
  created_at: string;
}

export interface Component {
  /** An id. */
  id: string;
  external_id: string | null;
  /** An id. */
  plan_group: string;
  kind: 'bookable' | 'on_off' | 'metered';
  tax_policy: string | null;
  /** The newest published version. */
  version: {
    /** An id. */
    id: string;
    version: number;
    name: string;
    description: string;
    price: PriceModelData;
    included: string | null;
    cap: string | null;
    interval: {
      unit: string;
      count: number;
    };
    payment_mode: string;
    standalone: boolean;
    aggregation: string | null;
    /** An instant in UTC. */
    published_at: string;
  };
  /** An instant in UTC. */
  created_at: string;
}

export type PriceModelData = {
  kind: 'simple';
  /** A decimal, as text. */
  price: string;
} | {
  kind: 'volume';
  tiers: {
    up_to: string | null;
    /** A decimal, as text. */
    price: string;
  }[];
} | {
  kind: 'graduated';
  tiers: {
    up_to: string | null;
    /** A decimal, as text. */
    price: string;
  }[];
} | {
  kind: 'buckets';
  tiers: {
    up_to: string | null;
    /** A decimal, as text. */
    flat?: string;
    /** A decimal, as text. */
    price?: string;
  }[];
} | {
  kind: 'discount';
  /** A decimal, as text. */
  price: string;
  tiers: {
    /** A decimal, as text. */
    from: string;
    /** A decimal, as text. */
    percent: string;
  }[];
} | {
  kind: 'free';
};

export interface Variant {
  /** An id. */
  id: string;
  external_id: string | null;
  /** An id. */
  plan: string;
  /** The newest published version. */
  version: {
    /** An id. */
    id: string;
    version: number;
    name: string;
    description: string;
    fee: string | null;
    fee_interval: {
      unit: string;
      count: number;
    };
    billing_interval: {
      unit: string;
      count: number;
    };
    trial: {
      unit: string;
      count: number;
    } | null;
    setup_fee: string | null;
    term: {
      unit: string;
      count: number;
    } | null;
    renewal: {
      unit: string;
      count: number;
    } | null;
    notice: {
      unit: string;
      count: number;
    } | null;
    proration: string;
    credit_on_pause: boolean;
    credit_on_cancel: boolean;
    components: {
      /** An id. */
      component: string;
      rule: string;
      /** A decimal, as text. */
      quantity: string;
      included: string | null;
      least: string | null;
      most: string | null;
    }[];
    /** An instant in UTC. */
    published_at: string;
  };
  /** An instant in UTC. */
  created_at: string;
}

export interface Customer {
  /** An id. */
  id: string;
  external_id: string | null;
  parent: string | null;
  clock: string | null;
  country: string;
  time_zone: string;
  language: string;
  payment_term_days: number | null;
  invoice_title: string | null;
  /** Null after erasure. */
  mail_addresses: CustomerMailAddressesData | null;
  mail_off: ('invoice' | 'credit_note' | 'receipt' | 'collection_notice' | 'payment_failed' | 'action_required' | 'card_expires')[];
  /** The version of the party's data. Documents keep the version that they print. */
  version: number;
  /** Null after erasure. */
  party: PartyData | null;
  /** An instant in UTC. */
  created_at: string;
}

export interface CustomerMailAddressesData {
  default?: MailAddressesData;
  invoice?: MailAddressesData;
  credit_note?: MailAddressesData;
  receipt?: MailAddressesData;
  collection_notice?: MailAddressesData;
  payment_failed?: MailAddressesData;
  action_required?: MailAddressesData;
  card_expires?: MailAddressesData;
}

export interface MailAddressesData {
  to: string[];
  cc: string[];
}

export interface PartyData {
  name: string;
  department?: string;
  contact?: string;
  address?: {
    line1?: string;
    line2?: string;
    postal_code?: string;
    city?: string;
    region?: string;
  };
  email?: string;
  phone?: string;
  vat_id?: string;
  tax_number?: string;
  iban?: string;
  bic?: string;
  bank_name?: string;
  reference?: string;
}

export interface BillingAccount {
  /** An id. */
  id: string;
  /** An id. */
  customer: string;
  /** An id. */
  issuer: string;
  clock: string | null;
  currency: string;
  name: string;
  /** Contracts of an `immediate` account make a document with each bill. Contracts of a `collective` one make charges, and a run of the account makes one document of all of them. */
  kind: 'immediate' | 'collective';
  /** Null for an immediate account. */
  price_mode: 'net' | 'gross' | null;
  /** The calendar of the runs; null if a run comes only if it is asked for. */
  runs: {
    every: {
      unit: 'week' | 'month' | 'year';
      count: number;
    };
    /** A local date. */
    anchor: string;
  } | null;
  /** The next run of the calendar. */
  next_run: string | null;
  /** How open invoices are collected. */
  collection: {
    by: 'invoice' | 'balance';
    every: {
      unit: 'week' | 'month' | 'year';
      count: number;
    } | null;
    anchor: string | null;
    /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
    threshold: string;
    notice_days: number;
  };
  /** The next collection of the calendar. */
  next_collection: string | null;
  /** When it was deactivated; null for an active account. A deactivated one has no runs and no collection. */
  deactivated_at: string | null;
  /** Whether this is the default account for its customer, issuer and currency. */
  is_default: boolean;
  payment_term_days: number;
  payment_method: string | null;
  time_zone: string;
  /** The customer's balance with the issuer. A debt is negative. */
  balance: string;
  /** An instant in UTC. */
  created_at: string;
}

export interface AccountRun {
  /** An id. */
  id: string;
  /** An id. */
  account: string;
  /** `credits` bills credits of a contract that has moved away from an immediate account. */
  cause: 'calendar' | 'hand' | 'credits';
  state: 'planned' | 'done';
  /** It takes the charges up to this instant. */
  until: string;
  /** The invoice or credit note; null if the run is not done yet, or found nothing to bill. */
  invoice: string | null;
  /** Contracts whose step failed. Their charges come with the next run: see their incidents. */
  left_out: string[];
  /** An instant in UTC. */
  asked_at: string;
  done_at: string | null;
}

export interface AccountEntry {
  /** An id. */
  id: string;
  /** An instant in UTC. */
  at: string;
  /** The local date in the account's time zone. */
  date: string;
  text: string;
  /** The number of the invoice or of the receipt. */
  reference: string;
  /** The invoice or credit note that the entry books. */
  invoice: string | null;
  /** The change of the balance: an invoice is negative, a payment positive. */
  amount: string;
  /** The balance after this entry. */
  balance: string;
}

export interface Payment {
  /** An id. */
  id: string;
  /** An id. */
  account: string;
  attempt: string | null;
  /** The payment provider; `hand` for a receipt. */
  provider: string;
  reference: string;
  currency: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  amount: string;
  /** The part that has paid nothing yet, and is account credit. */
  left: string;
  allocations: {
    invoice: string | null;
    /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
    amount: string;
    /** An instant in UTC. */
    at: string;
  }[];
  /** An instant in UTC. */
  at: string;
}

export interface AccountCollection {
  /** An id. */
  id: string;
  /** An id. */
  account: string;
  cause: 'calendar' | 'hand';
  /** `planned`: for its day. `noticed`: the customer was told. `collecting`: it is charged, or tried again after a decline. `stopped`: the last attempt was declined, and it waits for money. `charged_back`: the bank took the payment back. `collected`: paid by it. `paid`: paid from elsewhere. `below_threshold`: not more than the threshold was open. `no_payment_method`: the account had none. `replaced`: a collection by hand took its invoices. `withdrawn`: the account collects otherwise since. */
  state: 'planned' | 'noticed' | 'collecting' | 'stopped' | 'charged_back' | 'collected' | 'paid' | 'below_threshold' | 'no_payment_method' | 'replaced' | 'withdrawn';
  currency: string;
  /** What was open when the invoices were taken. */
  amount: string | null;
  threshold: string | null;
  /** What it has collected, less what was charged back. */
  collected: string;
  /** When the notice is planned; null for none. */
  notice_at: string | null;
  /** When the notice went out. */
  noticed_at: string | null;
  /** When the money is collected. */
  due_at: string;
  dunning_level: number;
  /** The oldest first. */
  invoices: {
    /** An id. */
    invoice: string;
    number: string;
    /** What was open when it was taken. No more is collected. */
    amount: string;
    /** What is open now. */
    open: string;
  }[];
  attempts: string[];
  /** An instant in UTC. */
  asked_at: string;
  ended_at: string | null;
}

export interface AccountJob {
  /** An id. */
  id: string;
  /** `bill` makes a run of each collective account. `deactivate` stops runs and collection, and pauses the contracts. `activate` undoes that. */
  kind: 'bill' | 'deactivate' | 'activate';
  account: string | null;
  customer: string | null;
  issuer: string | null;
  /** A job that is asked to stop is `stopping` until the accounts that it works on are done, and then `stopped`. It is `done` if no account is left. */
  state: 'running' | 'stopping' | 'stopped' | 'done';
  /** The number of its accounts. */
  accounts: number;
  done: number;
  /** Accounts with nothing to do, such as immediate ones of a `bill`. */
  skipped: number;
  failed: number;
  /** How many contracts were asked to pause or to resume. */
  contracts: number;
  /** An instant in UTC. */
  asked_at: string;
  ended_at: string | null;
}

export interface BillingPreview {
  /** One entry for each currency. */
  sums: {
    currency: string;
    documents: number;
    /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
    net: string;
    /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
    tax: string;
    /** Negative for a credit note. */
    gross: string;
  }[];
  accounts: {
    /** An id. */
    account: string;
    /** An id. */
    customer: string;
    currency: string;
    lines: number;
    /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
    net: string;
    /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
    tax: string;
    /** Negative for a credit note. */
    gross: string;
    /** Contracts that have due work, whose charges are not in the sums yet. */
    contracts_behind: number;
  }[];
}

export interface JobAccount {
  /** An id. */
  account: string;
  state: 'waiting' | 'done' | 'skipped' | 'failed';
  run: string | null;
  /** The invoice or credit note of the run, if it made one. */
  invoice: string | null;
  /** How many contracts were asked to pause or to resume. */
  contracts: number;
  /** Why the account was skipped or failed. */
  code: string | null;
  detail: string | null;
  ended_at: string | null;
}

export interface AccountStatement {
  /** An id. */
  id: string;
  /** An id. */
  account: string;
  /** An id. */
  customer: string;
  /** A local date. */
  from: string;
  /** The day after the last day. */
  to: string;
  currency: string;
  /** The balance before the first day. A debt is negative. */
  opening: string;
  /** The balance after the last day. */
  closing: string;
  /** The oldest first. */
  entries: {
    /** An instant in UTC. */
    at: string;
    /** A local date. */
    date: string;
    kind: 'invoice' | 'credit_note' | 'payment' | 'chargeback';
    text: string;
    /** The number of the invoice or of the receipt. */
    reference: string;
    /** The invoice or credit note that the entry books. */
    invoice: string | null;
    /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
    amount: string;
  }[];
  /** When the statement was made. Later entries do not change it. */
  at: string;
}

export interface PaymentMethod {
  /** An id. */
  id: string;
  /** An id. */
  customer: string;
  provider: string;
  token: string;
  /** An instant in UTC. */
  created_at: string;
  removed_at: string | null;
}

export interface OrderResult {
  /** An id. */
  contract: string;
  /** An id. */
  customer: string;
  command: Command;
}

export interface Command {
  /** An id. */
  id: string;
  /** An id. */
  contract: string;
  /** The command's place in the order of the contract's commands. */
  seq: number;
  kind: string;
  effective: string;
  request: Record<string, unknown>;
  actor: string;
  /** The instant at which the command counts. */
  asked_at: string;
  state: 'pending' | 'applied' | 'refused';
  decided_at: string | null;
  /** The invoice or credit note that the command made: `GET /v1/invoices/{id}`. */
  document: string | null;
  /** The instant of the scheduled change that the command made, if any. */
  scheduled_for: string | null;
  refusal: {
    code: string;
    detail: string;
    field?: string;
  } | null;
}

export interface Preview {
  documents: PreviewDocument[];
  /** Whether the account is collective, so that the lines of these documents come with its next run instead. */
  waits_for_run: boolean;
  /** All changes that would then be scheduled. */
  scheduled: PreviewedChange[];
  /** The first day on which the contract may end if it is cancelled now, by its term and notice. */
  earliest_end: string;
  next_billing: NextBilling;
}

export interface PreviewDocument {
  kind: 'invoice' | 'credit_note';
  /** A local date. */
  issue_date: string;
  price_mode: 'net' | 'gross';
  currency: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  net: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  tax: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  gross: string;
  taxes: TaxTotal[];
  /** The documents whose lines this one credits, in the order of its lines. */
  credited_invoices: CreditedInvoice[];
  /** At most 5,000 lines, and one for each one-time charge that waits. */
  lines: Line[];
  /** The prices of the lines, each once. */
  prices: LinePrice[];
}

export interface TaxTotal {
  category: string;
  /** A decimal, as text. */
  rate: string;
  text: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  net: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  tax: string;
}

export interface CreditedInvoice {
  /** An id. */
  id: string;
  kind: 'invoice' | 'credit_note';
  number: string;
  /** A local date. */
  issue_date: string;
}

export interface Line {
  kind: 'recurring' | 'credit' | 'one_time' | 'usage' | 'discount';
  text: string;
  /** A local date. */
  from: string;
  /** The day after the last day. */
  to: string;
  /** A decimal, as text. */
  quantity: string;
  /** A decimal, as text. */
  unit_price: string;
  /** The amount of the line, net or gross as in `price_mode`. */
  amount: string;
  /** Null for the fee and for one-time charges. */
  component: string | null;
  /** The component subscription. Null for the fee and for one-time charges, and in a preview also if the subscription does not exist yet. */
  subscription: string | null;
  /** The tier of the price. For a credit, the tier of the credited line. Null if the price has no tiers, and for lines of included units or of a cap. */
  tier: {
    /** Counted from 0. */
    index: number;
    /** A decimal, as text. */
    from: string;
    /** Null if the tier has no upper bound. */
    to: string | null;
    /** The bound that belongs to the tier: `from` for discount tiers, and `to` for all others. */
    includes: 'from' | 'to';
  } | null;
  /** The part of the full period that the line bills or credits: 1 × 31.00 for 10 of 28 days is 11.07. A line that completes a period takes the full amount less the other lines of the period. Null for a whole period, for usage, and for one-time charges. */
  fraction: {
    used: number;
    /** The length of the full period. */
    of: number;
    unit: 'day' | 'second';
  } | null;
  /** The credited line, for credits. In a preview it is null if the credited line is not billed yet. */
  credits: {
    /** The charge of the credited line. */
    charge: string;
    /** The document of that line. Null if all its lines were 0.00, so that no document was made. */
    invoice: CreditedInvoice | null;
  } | null;
  /** A decimal, as text. */
  tax_rate: string;
  /** The entry of the tax policy for the country and the service date. */
  tax: {
    category: string;
    text: string;
    country: string;
  };
  derivation: Derivation | CreditDerivation | UsageDerivation | OneTimeDerivation;
  /** The derivation as a sentence, in the customer's language or in the requested one. */
  explanation: string;
}

export interface Derivation {
  kind: 'price';
  variant_version: string | null;
  component_version: string | null;
  /** A decimal, as text. */
  quantity: string;
  /** How many of the first units are free. */
  included: string | null;
  /** The most that a full period costs. */
  cap: string | null;
  /** The part of the price that this line bills: a tier, or the cap. */
  part: {
    kind: 'units' | 'flat' | 'cap' | 'included' | 'free';
    /** Counted from 0. */
    tier: number | null;
    from: string | null;
    to: string | null;
    /** A decimal, as text. */
    quantity: string;
    /** A decimal, as text. */
    unit_price: string;
    /** A decimal, as text. */
    amount: string;
  };
  full_period: {
    /** A local date. */
    start: string;
    /** The day after the last day. */
    end: string;
  };
  /** The exact amount of the full period, in major units. */
  full_amount: string;
  /** The billed or credited days or seconds, and those of the full period (`of`). */
  fraction: {
    days: number;
    of: number;
    unit: 'day' | 'second';
  };
  why: 'renewal' | 'first_period' | 'change' | 'resume' | 'cancel' | 'end';
  rounding: 'half away from zero';
  /** Set if the amount is a total less the other lines: the full amount of a period that the line completes, or the share of a cap. */
  balance: {
    of: 'rest_of_period' | 'share_of_cap';
    /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
    total: string;
    /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
    others: string;
  } | null;
}

export interface CreditDerivation {
  kind: 'credit';
  /** The charge of the line that is credited. */
  reverses: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  line_amount: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  credited_before: string;
  /** Whether the credit takes the whole rest of the line, so exactly the amount left. */
  takes_the_rest: boolean;
  /** The exact amount of the full period, in major units. */
  full_amount: string;
  /** The billed or credited days or seconds, and those of the full period (`of`). */
  fraction: {
    days: number;
    of: number;
    unit: 'day' | 'second';
  };
  why: 'renewal' | 'first_period' | 'change' | 'resume' | 'cancel' | 'end';
  rounding: 'half away from zero';
}

export interface UsageDerivation {
  kind: 'usage';
  variant_version: string | null;
  component_version: string | null;
  /** A decimal, as text. */
  quantity: string;
  /** How many of the first units are free. */
  included: string | null;
  /** The most that a full period costs. */
  cap: string | null;
  /** The part of the price that this line bills: a tier, or the cap. */
  part: {
    kind: 'units' | 'flat' | 'cap' | 'included' | 'free';
    /** Counted from 0. */
    tier: number | null;
    from: string | null;
    to: string | null;
    /** A decimal, as text. */
    quantity: string;
    /** A decimal, as text. */
    unit_price: string;
    /** A decimal, as text. */
    amount: string;
  };
  full_period: {
    /** A local date. */
    start: string;
    /** The day after the last day. */
    end: string;
  };
  /** The exact amount of the whole tier, in major units. */
  full_amount: string;
  aggregation: 'sum' | 'max' | 'last' | 'unique';
  /** The aggregated quantity of the period's events. */
  total: string;
  /** By how much the total is below zero. The period is then rated as 0. */
  shortfall: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  tier_amount: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  billed_before: string;
  why: 'usage' | 'late_usage';
  rounding: 'half away from zero';
}

export interface OneTimeDerivation {
  kind: 'one_time';
  /** An id. */
  one_time_charge: string;
  /** A decimal, as text. */
  quantity: string;
  /** A decimal, as text. */
  unit_price: string;
  reference: string | null;
  application: string | null;
  why: 'one_time' | 'setup';
  rounding: 'half away from zero';
}

/** A price that lines use. Derivations refer to it by its version. */
export interface LinePrice {
  variant_version: string | null;
  component_version: string | null;
  model: PriceModelData;
}

export interface PreviewedChange {
  /** The command that made the change. Withdraw it by this id. Null in a preview. */
  command: string | null;
  /** An instant in UTC. */
  due_at: string;
  /** A local date. */
  due_date: string;
  change: Record<string, unknown>;
  /** The document that the previewed command makes on that day. Null for other changes. */
  document: PreviewDocument | null;
}

/** The next bill, if nothing changes. Null if nothing more is billed, or if it cannot be computed. */
export type NextBilling = {
  /** An instant in UTC. */
  at: string;
  /** A local date. */
  date: string;
  currency: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  net: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  tax: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  gross: string;
} | null;

export interface ContractSummary {
  /** An id. */
  id: string;
  external_id: string | null;
  /** An id. */
  customer: string;
  /** An id. */
  account: string;
  /** An id. */
  plan_group: string;
  clock: string | null;
  time_zone: string;
  currency: string;
  /** Null if the contract uses the account's method. */
  payment_method: string | null;
  /** A local date. */
  start: string;
  /** Periods begin on this day plus n times the interval. */
  anchor: string;
  trial_ends_at: string | null;
  phase: 'ordered' | 'trial' | 'normal' | 'inactive' | 'ended';
  pause_reasons: ('customer' | 'operator' | 'dunning' | 'deactivated')[];
  variant: {
    /** An id. */
    id: string;
    /** An id. */
    version: string;
    name: string;
    fee: string | null;
  };
  subscriptions: ComponentSubscription[];
  scheduled: ScheduledChange[];
  /** An instant in UTC. */
  settled_through: string;
  /** When something next becomes due by itself. Null if nothing does. */
  next_due_at: string | null;
  ended_at: string | null;
  /** Whether a step failed. It is tried again every hour. `GET /v1/incidents?contract=…` has the reason. */
  has_incident: boolean;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  balance: string;
  /** An instant in UTC. */
  created_at: string;
}

export interface ComponentSubscription {
  /** An id. */
  id: string;
  /** An id. */
  component: string;
  name: string;
  /** A decimal, as text. */
  quantity: string;
  /** An instant in UTC. */
  since: string;
  /** If the booking has an end: the first instant at which it is no longer booked. */
  until: string | null;
}

export interface ScheduledChange {
  /** The command that made the change. Withdraw it by this id. Null in a preview. */
  command: string | null;
  /** An instant in UTC. */
  due_at: string;
  /** A local date. */
  due_date: string;
  change: Record<string, unknown>;
}

export interface Contract {
  /** An id. */
  id: string;
  external_id: string | null;
  /** An id. */
  customer: string;
  /** An id. */
  account: string;
  /** An id. */
  plan_group: string;
  clock: string | null;
  time_zone: string;
  currency: string;
  /** Null if the contract uses the account's method. */
  payment_method: string | null;
  /** A local date. */
  start: string;
  /** Periods begin on this day plus n times the interval. */
  anchor: string;
  trial_ends_at: string | null;
  phase: 'ordered' | 'trial' | 'normal' | 'inactive' | 'ended';
  pause_reasons: ('customer' | 'operator' | 'dunning' | 'deactivated')[];
  variant: {
    /** An id. */
    id: string;
    /** An id. */
    version: string;
    name: string;
    fee: string | null;
  };
  subscriptions: ComponentSubscription[];
  scheduled: ScheduledChange[];
  /** An instant in UTC. */
  settled_through: string;
  /** When something next becomes due by itself. Null if nothing does. */
  next_due_at: string | null;
  ended_at: string | null;
  /** Whether a step failed. It is tried again every hour. `GET /v1/incidents?contract=…` has the reason. */
  has_incident: boolean;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  balance: string;
  /** An instant in UTC. */
  created_at: string;
  earliest_end: string | null;
  next_billing: NextBilling;
}

export interface OneTimeCharge {
  /** An id. */
  id: string;
  /** `setup` is the set-up fee of a contract. */
  kind: 'charge' | 'setup';
  /** An id. */
  customer: string;
  /** An id. */
  account: string;
  contract: string | null;
  application: string | null;
  text: string;
  reference: string | null;
  /** A local date. */
  service_date: string;
  /** A decimal, as text. */
  quantity: string;
  /** A decimal, as text. */
  unit_price: string;
  /** Quantity × unit price, rounded once. A credit is below zero. */
  amount: string;
  currency: string;
  price_mode: 'net' | 'gross';
  /** An id. */
  tax_policy: string;
  state: 'waiting' | 'billed' | 'withdrawn';
  /** The document that bills the charge. */
  invoice: string | null;
  /** An instant in UTC. */
  created_at: string;
}

export interface UsageAnswers {
  results: {
    event_id: string;
    result: 'consumed' | 'rejected';
    reason: 'event_id_reused' | 'after_contract_end' | 'before_contract_start' | 'in_the_future' | 'not_booked' | 'not_metered' | 'paused' | 'value_required' | 'invalid_quantity' | null;
    /** The instant at which the event counts. */
    at: string;
  }[];
}

export interface Usage {
  event_id: string;
  /** An id. */
  component: string;
  /** An id. */
  subscription: string;
  /** An instant in UTC. */
  at: string;
  /** A decimal, as text. */
  quantity: string;
  value: string | null;
  /** An instant in UTC. */
  recorded_at: string;
}

/** The usage of a contract by metered period. `data` are the rated periods. */
export interface UsageTotals {
  data: RatedPeriod[];
  next_cursor: string | null;
  currency: string;
  price_mode: 'net' | 'gross';
  /** Periods that have begun and are not rated yet. */
  open: OpenPeriod[];
}

export interface RatedPeriod {
  /** An id. */
  subscription: string;
  /** An id. */
  component: string;
  name: string;
  aggregation: 'sum' | 'max' | 'last' | 'unique';
  /** An instant in UTC. */
  starts_at: string;
  /** The first instant after the period. */
  ends_at: string;
  /** A decimal, as text. */
  total: string;
  /** The sum of all lines of the period. */
  amount: string;
  /** Whether late usage was reported since. The period is rated again with the next bill. */
  reopened: boolean;
}

export interface OpenPeriod {
  /** An id. */
  subscription: string;
  /** An id. */
  component: string;
  name: string;
  aggregation: 'sum' | 'max' | 'last' | 'unique';
  /** An instant in UTC. */
  starts_at: string;
  /** The first instant after the period. */
  ends_at: string;
  /** A decimal, as text. */
  total: string;
  /** The amount of this total. */
  amount: string;
}

export interface InvoiceSummary {
  /** An id. */
  id: string;
  kind: 'invoice' | 'credit_note';
  number: string;
  title: string;
  /** An id. */
  customer: string;
  /** An id. */
  account: string;
  contract: string | null;
  /** An id. */
  issuer: string;
  clock: string | null;
  /** A local date. */
  issue_date: string;
  /** A local date. */
  due_date: string;
  /** A local date. */
  service_from: string;
  /** The day after the last day. */
  service_to: string;
  currency: string;
  price_mode: 'net' | 'gross';
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  net: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  tax: string;
  /** The gross total. Below zero on credit notes. */
  gross: string;
  /** The amount still to be paid. For a credit note, the unused rest, below zero. */
  open: string;
  /** `paid`: nothing of the invoice is open any more. `used`: the whole credit note has paid invoices. */
  state: 'open' | 'paid' | 'used';
  /** When the invoice was paid, or the credit note was used up. Null in the state `open`. */
  paid_at: string | null;
  /** The latest attempt to collect the invoice. */
  attempt: {
    /** An id. */
    id: string;
    state: string;
    reason: string | null;
    action_url: string | null;
  } | null;
  /** An instant in UTC. */
  at: string;
}

export interface Invoice {
  /** An id. */
  id: string;
  kind: 'invoice' | 'credit_note';
  number: string;
  title: string;
  /** An id. */
  customer: string;
  /** An id. */
  account: string;
  contract: string | null;
  /** An id. */
  issuer: string;
  clock: string | null;
  /** A local date. */
  issue_date: string;
  /** A local date. */
  due_date: string;
  /** A local date. */
  service_from: string;
  /** The day after the last day. */
  service_to: string;
  currency: string;
  price_mode: 'net' | 'gross';
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  net: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  tax: string;
  /** The gross total. Below zero on credit notes. */
  gross: string;
  /** The amount still to be paid. For a credit note, the unused rest, below zero. */
  open: string;
  /** `paid`: nothing of the invoice is open any more. `used`: the whole credit note has paid invoices. */
  state: 'open' | 'paid' | 'used';
  /** When the invoice was paid, or the credit note was used up. Null in the state `open`. */
  paid_at: string | null;
  /** The latest attempt to collect the invoice. */
  attempt: {
    /** An id. */
    id: string;
    state: string;
    reason: string | null;
    action_url: string | null;
  } | null;
  /** An instant in UTC. */
  at: string;
  /** The issuer at the time of the document. Null after erasure. */
  from: IssuerPartyData | null;
  /** The recipient at the time of the document. Null after erasure. */
  to: PartyData | null;
  /** The documents whose lines this one credits, in the order of its lines. */
  credited_invoices: CreditedInvoice[];
  lines: InvoiceLine[];
  taxes: TaxTotal[];
}

export interface InvoiceLine {
  position: number;
  /** An id. */
  charge: string;
  /** The contract of the line. Null for a one-time charge of the account. */
  contract: string | null;
  kind: string;
  text: string;
  /** A local date. */
  from: string;
  /** The day after the last day. */
  to: string;
  /** A decimal, as text. */
  quantity: string;
  /** A decimal, as text. */
  unit_price: string;
  /** The amount of the line, net or gross as in `price_mode`. */
  amount: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  net: string;
  /** Null for the fee and for one-time charges. */
  component: string | null;
  /** The component subscription. Null for the fee and for one-time charges, and in a preview also if the subscription does not exist yet. */
  subscription: string | null;
  /** The tier of the price. For a credit, the tier of the credited line. Null if the price has no tiers, and for lines of included units or of a cap. */
  tier: {
    /** Counted from 0. */
    index: number;
    /** A decimal, as text. */
    from: string;
    /** Null if the tier has no upper bound. */
    to: string | null;
    /** The bound that belongs to the tier: `from` for discount tiers, and `to` for all others. */
    includes: 'from' | 'to';
  } | null;
  /** The part of the full period that the line bills or credits: 1 × 31.00 for 10 of 28 days is 11.07. A line that completes a period takes the full amount less the other lines of the period. Null for a whole period, for usage, and for one-time charges. */
  fraction: {
    used: number;
    /** The length of the full period. */
    of: number;
    unit: 'day' | 'second';
  } | null;
  /** The credited line, for credits. In a preview it is null if the credited line is not billed yet. */
  credits: {
    /** The charge of the credited line. */
    charge: string;
    /** The document of that line. Null if all its lines were 0.00, so that no document was made. */
    invoice: CreditedInvoice | null;
  } | null;
  /** A decimal, as text. */
  tax_rate: string;
}

export interface Explanation {
  /** An id. */
  id: string;
  number: string;
  currency: string;
  lines: ExplainedLine[];
  /** The prices of the lines, each once. */
  prices: LinePrice[];
}

export interface ExplainedLine {
  kind: 'recurring' | 'credit' | 'one_time' | 'usage' | 'discount';
  text: string;
  /** A local date. */
  from: string;
  /** The day after the last day. */
  to: string;
  /** A decimal, as text. */
  quantity: string;
  /** A decimal, as text. */
  unit_price: string;
  /** The amount of the line, net or gross as in `price_mode`. */
  amount: string;
  /** Null for the fee and for one-time charges. */
  component: string | null;
  /** The component subscription. Null for the fee and for one-time charges, and in a preview also if the subscription does not exist yet. */
  subscription: string | null;
  /** The tier of the price. For a credit, the tier of the credited line. Null if the price has no tiers, and for lines of included units or of a cap. */
  tier: {
    /** Counted from 0. */
    index: number;
    /** A decimal, as text. */
    from: string;
    /** Null if the tier has no upper bound. */
    to: string | null;
    /** The bound that belongs to the tier: `from` for discount tiers, and `to` for all others. */
    includes: 'from' | 'to';
  } | null;
  /** The part of the full period that the line bills or credits: 1 × 31.00 for 10 of 28 days is 11.07. A line that completes a period takes the full amount less the other lines of the period. Null for a whole period, for usage, and for one-time charges. */
  fraction: {
    used: number;
    /** The length of the full period. */
    of: number;
    unit: 'day' | 'second';
  } | null;
  /** The credited line, for credits. In a preview it is null if the credited line is not billed yet. */
  credits: {
    /** The charge of the credited line. */
    charge: string;
    /** The document of that line. Null if all its lines were 0.00, so that no document was made. */
    invoice: CreditedInvoice | null;
  } | null;
  /** A decimal, as text. */
  tax_rate: string;
  /** The entry of the tax policy for the country and the service date. */
  tax: {
    category: string;
    text: string;
    country: string;
  };
  derivation: Derivation | CreditDerivation | UsageDerivation | OneTimeDerivation;
  /** The derivation as a sentence, in the customer's language or in the requested one. */
  explanation: string;
  position: number;
  /** An id. */
  charge: string;
}

export interface Attempt {
  /** An id. */
  id: string;
  /** An id. */
  account: string;
  contract: string | null;
  /** Null for an attempt of a collection by balance. */
  invoice: string | null;
  /** The collection by balance that it belongs to. */
  collection: string | null;
  /** An id. */
  payment_method: string;
  provider: string;
  /** The number of the attempt for its invoice or collection. The first is 1. */
  n: number;
  currency: string;
  /** An amount in major units with all digits of its currency. In balances, a customer's debt is negative. */
  amount: string;
  state: 'planned' | 'sent' | 'pending' | 'requires_action' | 'unknown' | 'succeeded' | 'declined' | 'abandoned';
  /** The reason why the provider declined it. */
  reason: string | null;
  /** The page on which the customer confirms the payment. */
  action_url: string | null;
  /** An instant in UTC. */
  at: string;
  decided_at: string | null;
}

/** Something that happened, with the object as it was. `type` says what. */
export type TenorEvent = OrderAcceptedEvent | ContractPhaseStartedEvent | ContractChangedEvent | ContractChangeScheduledEvent | ContractChangeWithdrawnEvent | ContractPausedEvent | ContractResumedEvent | ContractEndedEvent | CommandRefusedEvent | InvoiceFinalisedEvent | InvoicePaidEvent | InvoiceReopenedEvent | InvoiceCollectionStoppedEvent | CreditNoteFinalisedEvent | AccountRunFinishedEvent | AccountCollectionNoticeEvent | AccountCollectionStoppedEvent | PaymentPendingEvent | PaymentRequiresActionEvent | PaymentSucceededEvent | PaymentDeclinedEvent | PaymentChargedBackEvent | PaymentReceivedEvent | AccountDeactivatedEvent | AccountActivatedEvent | CustomerCreatedEvent | CustomerChangedEvent | CustomerErasedEvent | PaymentMethodAddedEvent | PaymentMethodRemovedEvent | MailFailedEvent | MailBouncedEvent | IncidentOpenedEvent | IncidentClosedEvent | ClockReadyEvent | ClockStuckEvent | WebhookEndpointDisabledEvent | WebhookTestEvent;

export interface Mail {
  /** An id. */
  id: string;
  purpose: 'invoice' | 'credit_note' | 'receipt' | 'collection_notice' | 'payment_failed' | 'action_required' | 'card_expires' | 'webhook_disabled';
  /** `queued`: it will be sent, or tried again. `sent`: the mail server has accepted it. `failed`: the server refused it, or did not accept it within three days. `skipped`: nobody should get it, see `reason`. `bounced`: it came back. */
  state: 'queued' | 'sent' | 'failed' | 'skipped' | 'bounced';
  /** Why it was not sent or came back. Of a skipped mail: `erased`, `no_address`, `no_sender`, `switched_off` or `deleted`. Of a failed one: `refused`, `gave_up`, `invalid_template`, `invalid_subject` or `pdf_erased`. Of one that came back, the codes of the server: `550 5.1.1`. */
  reason: string | null;
  /** The message of the last failure, without mail addresses. */
  last_error: string | null;
  event: string | null;
  /** The mail that this one repeats. */
  resend_of: string | null;
  customer: string | null;
  document: string | null;
  tries: number;
  /** When a queued mail is tried next. */
  due_at: string;
  /** An instant in UTC. */
  created_at: string;
  sent_at: string | null;
  bounced_at: string | null;
}

export interface MailDetail {
  /** An id. */
  id: string;
  purpose: 'invoice' | 'credit_note' | 'receipt' | 'collection_notice' | 'payment_failed' | 'action_required' | 'card_expires' | 'webhook_disabled';
  /** `queued`: it will be sent, or tried again. `sent`: the mail server has accepted it. `failed`: the server refused it, or did not accept it within three days. `skipped`: nobody should get it, see `reason`. `bounced`: it came back. */
  state: 'queued' | 'sent' | 'failed' | 'skipped' | 'bounced';
  /** Why it was not sent or came back. Of a skipped mail: `erased`, `no_address`, `no_sender`, `switched_off` or `deleted`. Of a failed one: `refused`, `gave_up`, `invalid_template`, `invalid_subject` or `pdf_erased`. Of one that came back, the codes of the server: `550 5.1.1`. */
  reason: string | null;
  /** The message of the last failure, without mail addresses. */
  last_error: string | null;
  event: string | null;
  /** The mail that this one repeats. */
  resend_of: string | null;
  customer: string | null;
  document: string | null;
  tries: number;
  /** When a queued mail is tried next. */
  due_at: string;
  /** An instant in UTC. */
  created_at: string;
  sent_at: string | null;
  bounced_at: string | null;
  /** The recipients of the last try. Null before it, and after erasure. */
  to: string[] | null;
  cc: string[] | null;
  /** The tries to send it, oldest first. */
  log: MailTry[];
}

export interface MailTry {
  number: number;
  /** An instant in UTC. */
  at: string;
  /** Null while the try is under way, and for a try whose process died. */
  outcome: 'accepted' | 'refused' | 'deferred' | 'unreachable' | 'skipped' | 'error' | null;
  /** The reply code of the mail server. */
  reply: number | null;
  detail: string | null;
  duration_ms: number | null;
}

export interface MailTemplate {
  purpose: 'invoice' | 'credit_note' | 'receipt' | 'collection_notice' | 'payment_failed' | 'action_required' | 'card_expires' | 'webhook_disabled';
  language: 'de' | 'en';
  subject: string;
  text: string;
  html: string;
  /** The placeholders that the purpose has. */
  placeholders: string[];
  /** Null for the default template. */
  updated_at: string | null;
}

export interface MailPreview {
  subject: string;
  text: string;
  html: string;
}

export interface MailSettings {
  operators: string[];
  language: 'de' | 'en';
}

export interface Incident {
  /** An id. */
  id: string;
  state: 'open' | 'closed';
  /** The step that failed: `settle` of a contract, or `collect` of a receivable. */
  step: string;
  /** The id of the workflow that waits. */
  workflow: string;
  contract: string | null;
  receivable: string | null;
  /** The test clock that cannot advance. */
  clock: string | null;
  /** The error's code: Tenor's own, or Postgres'. */
  code: string | null;
  /** The effect on the contract or collection, for people. */
  effect: string;
  /** The reason of the failure, for people. */
  reason: string;
  /** The advised next action, for people. */
  advice: string;
  /** An instant in UTC. */
  opened_at: string;
  closed_at: string | null;
}

export interface TestClock {
  /** An id. */
  id: string;
  name: string;
  status: 'ready' | 'advancing' | 'stuck';
  /** An instant in UTC. */
  now: string;
  /** An instant in UTC. */
  started_at: string;
  target: string | null;
  /** The reason why the clock is stuck. */
  problem: string | null;
  steps: number;
  /** How many things of each kind are still to be done at the clock's time. */
  open: {
    due: number;
    commands: number;
    messages: number;
    attempts: number;
    incidents: number;
  };
  /** Open incidents on the clock, oldest first, at most 100. */
  incidents: string[];
  /** An instant in UTC. */
  created_at: string;
}

export interface WebhookEndpointWithSecret {
  /** An id. */
  id: string;
  url: string;
  description: string | null;
  event_types: string[] | null;
  state: 'enabled' | 'disabled';
  /** `failing`: it accepted nothing for three days. `gone`: it answered 410. `merchant`: it was disabled by a request. */
  disabled_because: 'failing' | 'gone' | 'merchant' | null;
  /** When the first failure since the last accepted webhook happened. Null if the endpoint works. */
  failing_since: string | null;
  /** When it last accepted a webhook, to the minute. */
  accepted_at: string | null;
  /** Until when webhooks are also signed by the previous secret. */
  old_secret_until: string | null;
  /** An instant in UTC. */
  created_at: string;
  /** The secret that signs the webhooks, `whsec_…`. It is shown only once: null if the answer is repeated under its Idempotency-Key. */
  secret: string | null;
}

export interface WebhookEndpoint {
  /** An id. */
  id: string;
  url: string;
  description: string | null;
  event_types: string[] | null;
  state: 'enabled' | 'disabled';
  /** `failing`: it accepted nothing for three days. `gone`: it answered 410. `merchant`: it was disabled by a request. */
  disabled_because: 'failing' | 'gone' | 'merchant' | null;
  /** When the first failure since the last accepted webhook happened. Null if the endpoint works. */
  failing_since: string | null;
  /** When it last accepted a webhook, to the minute. */
  accepted_at: string | null;
  /** Until when webhooks are also signed by the previous secret. */
  old_secret_until: string | null;
  /** An instant in UTC. */
  created_at: string;
}

export interface WebhookDelivery {
  /** An id. */
  endpoint: string;
  /** The id of the event, and of all tries to send it (`webhook-id`). */
  event: string;
  type: string;
  /** The object that the event is about. */
  object: string;
  /** The number of the event among those of its object. */
  sequence: number;
  /** `waiting`: it will be sent, or sent again. `delivered`: the endpoint accepted it. `dead`: the endpoint did not accept it for three days, but accepted others. */
  state: 'waiting' | 'delivered' | 'dead';
  /** When it is sent next. It is sent later if the endpoint is disabled or rests, or if an earlier event of the object waits. */
  next_try_at: string | null;
  tries: number;
  first_tried_at: string | null;
  done_at: string | null;
}

export interface WebhookDeliveryWithLog {
  /** An id. */
  endpoint: string;
  /** The id of the event, and of all tries to send it (`webhook-id`). */
  event: string;
  type: string;
  /** The object that the event is about. */
  object: string;
  /** The number of the event among those of its object. */
  sequence: number;
  /** `waiting`: it will be sent, or sent again. `delivered`: the endpoint accepted it. `dead`: the endpoint did not accept it for three days, but accepted others. */
  state: 'waiting' | 'delivered' | 'dead';
  /** When it is sent next. It is sent later if the endpoint is disabled or rests, or if an earlier event of the object waits. */
  next_try_at: string | null;
  tries: number;
  first_tried_at: string | null;
  done_at: string | null;
  /** The newest 100 tries, oldest first. */
  log: WebhookTry[];
}

export interface WebhookTry {
  /** An instant in UTC. */
  at: string;
  duration_ms: number;
  /** The HTTP status of the answer; null without one. */
  status: number | null;
  /** Why the try failed; null if it was accepted. */
  error: string | null;
  /** The first 500 bytes of the answer. */
  answer: string | null;
}

export interface WebhooksReplayed {
  /** How many events are sent again. If it is 10,000, repeat the request. */
  replayed: number;
}

export interface MadeApiKey {
  /** An id. */
  id: string;
  name: string;
  scopes: Scope[];
  /** An instant in UTC. */
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  /** When the key was last used, to the minute. */
  last_used_at: string | null;
  /** The key itself. It is shown only once: null if the answer is repeated under its Idempotency-Key. */
  key: string | null;
}

export interface ApiKey {
  /** An id. */
  id: string;
  name: string;
  scopes: Scope[];
  /** An instant in UTC. */
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  /** When the key was last used, to the minute. */
  last_used_at: string | null;
}

/** The arguments and the answer of each operation, by method and path. */
export interface Operations {
  post: {
    /**
     * Create an issuer
     *
     * An issuer is a legal entity with two number series, for invoices and for credit notes. Numbers are gapless in each series.
     *
     * Scope: `admin` or `issuers:admin`.
     */
    '/v1/issuers': {
      args: {
        body: NewIssuer;
      };
      answer: Issuer;
    };
    /**
     * Create a tax policy
     *
     * A tax policy has rates by country. Each applies from its first day until the next rate. A line has the rate of its service date.
     *
     * Scope: `admin` or `tax-policies:admin`.
     */
    '/v1/tax-policies': {
      args: {
        body: NewTaxPolicy;
      };
      answer: TaxPolicy;
    };
    /**
     * Add a rate
     *
     * A rate that is in force never changes. A new rate applies from its first day on. Existing lines keep their rates.
     *
     * Scope: `admin` or `tax-policies:admin`.
     */
    '/v1/tax-policies/{id}/rates': {
      args: {
        /** An id. */
        id: string;
        body: NewTaxRate;
      };
      answer: TaxPolicy;
    };
    /**
     * Create a plan group
     *
     * The plans of a group have the same currency, price mode, tax policy and issuer. A contract may change between them.
     *
     * Scope: `admin` or `catalogue:admin`.
     */
    '/v1/plan-groups': {
      args: {
        body: NewPlanGroup;
      };
      answer: PlanGroup;
    };
    /**
     * Create a plan
     *
     * Scope: `admin` or `catalogue:admin`.
     */
    '/v1/plans': {
      args: {
        body: NewPlan;
      };
      answer: Plan;
    };
    /**
     * Create a component with its first version
     *
     * Scope: `admin` or `catalogue:admin`.
     */
    '/v1/components': {
      args: {
        body: NewComponent;
      };
      answer: Component;
    };
    /**
     * Publish another version of a component
     *
     * Versions are immutable. Contracts keep the version that they booked.
     *
     * Scope: `admin` or `catalogue:admin`.
     */
    '/v1/components/{id}/versions': {
      args: {
        /** An id. */
        id: string;
        body: NewComponentVersion;
      };
      answer: Component;
    };
    /**
     * Create a variant with its first version
     *
     * A variant is a way to buy a plan. It has the fee, the intervals, the trial, and the components that may be booked.
     *
     * Scope: `admin` or `catalogue:admin`.
     */
    '/v1/variants': {
      args: {
        body: NewVariant;
      };
      answer: Variant;
    };
    /**
     * Publish another version of a variant
     *
     * Versions are immutable. Contracts keep the version that they booked.
     *
     * Scope: `admin` or `catalogue:admin`.
     */
    '/v1/variants/{id}/versions': {
      args: {
        /** An id. */
        id: string;
        body: NewVariantVersion;
      };
      answer: Variant;
    };
    /**
     * Create a customer
     *
     * Names, addresses and tax ids are stored only in the vault, encrypted.
     *
     * Scope: `write` or `customers:write`.
     */
    '/v1/customers': {
      args: {
        body: NewCustomer;
      };
      answer: Customer;
    };
    /**
     * Create another billing account
     *
     * Orders create the default account by themselves. Credit never crosses accounts.
     *
     * Scope: `write` or `accounts:write`.
     */
    '/v1/billing-accounts': {
      args: {
        body: NewBillingAccount;
      };
      answer: BillingAccount;
    };
    /**
     * Run a collective account now
     *
     * Makes one document of all charges up to now. Read the run until it is done. While one that was asked for is not done, the answer is that run.
     *
     * Scope: `write` or `accounts:write`.
     */
    '/v1/billing-accounts/{id}/runs': {
      args: {
        /** An id. */
        id: string;
      };
      answer: AccountRun;
    };
    /**
     * Record a receipt
     *
     * Records a payment that arrived without a provider, such as a bank transfer. It pays the oldest open invoices that have no attempt under way. The rest becomes account credit.
     *
     * Scope: `write` or `accounts:write`.
     */
    '/v1/billing-accounts/{id}/receipts': {
      args: {
        /** An id. */
        id: string;
        body: NewReceipt;
      };
      answer: Payment;
    };
    /**
     * Collect the balance of a billing account
     *
     * Collects everything that is open in one payment, at once, or after the notice of the account, if it is more than the threshold. Invoices that wait after a decline or a chargeback are tried again. Read the collection until it has ended. While one that was asked for is under way, the answer is that one.
     *
     * Scope: `write` or `accounts:write`.
     */
    '/v1/billing-accounts/{id}/collections': {
      args: {
        /** An id. */
        id: string;
      };
      answer: AccountCollection;
    };
    /**
     * Bill, deactivate or activate many billing accounts
     *
     * The job does a few accounts at a time, and survives any crash. Read it to see how far it is. Accounts that are made later do not belong to it. A deactivated account keeps its balance and its documents, and takes receipts, but no orders and no charges.
     *
     * Scope: `write` or `accounts:write`.
     */
    '/v1/account-jobs': {
      args: {
        body: NewAccountJob;
      };
      answer: AccountJob;
    };
    /**
     * Compute what runs of collective accounts would bill now
     *
     * Computes the documents that runs would make now of the charges that wait, for at most 1,000 accounts. It writes nothing, and locks nothing.
     *
     * Scope: `read` or `accounts:read`.
     */
    '/v1/account-jobs/preview': {
      args: {
        body: BillingPreviewRequest;
      };
      answer: BillingPreview;
    };
    /**
     * Stop a job between two billing accounts
     *
     * What the job has done stays done. A job that has ended stays as it is.
     *
     * Scope: `write` or `accounts:write`.
     */
    '/v1/account-jobs/{id}/stop': {
      args: {
        /** An id. */
        id: string;
      };
      answer: AccountJob;
    };
    /**
     * Create an account statement
     *
     * The entries of an account in a span of days, with the balances before and after. Later entries do not change a statement, not even a receipt that is dated back into its days.
     *
     * Scope: `write` or `accounts:write`.
     */
    '/v1/billing-accounts/{id}/statements': {
      args: {
        /** An id. */
        id: string;
        body: NewAccountStatement;
      };
      answer: AccountStatement;
    };
    /**
     * Add a payment method to a customer
     *
     * A payment method is the provider's token for a card or a mandate. Card numbers are never sent to Tenor.
     *
     * Scope: `write` or `payment-methods:write`.
     */
    '/v1/payment-methods': {
      args: {
        body: NewPaymentMethodOf;
      };
      answer: PaymentMethod;
    };
    /**
     * Order a contract
     *
     * Creates the contract, and the customer, the billing account and the payment method if they are new, in one transaction. Then the contract decides the order. The answer is 201 if the order is applied, and 202 if it is not decided after five seconds.
     *
     * Scope: `write` or `orders:write`.
     */
    '/v1/orders': {
      args: {
        body: OrderRequest;
      };
      answer: OrderResult;
    };
    /**
     * Preview an order
     *
     * Computes what the order would bill, with the same code as the order itself. Nothing is stored. Four previews of a merchant are computed at once, and twelve more wait. Others are refused with 429.
     *
     * Scope: `read` or `orders:read`.
     */
    '/v1/orders/preview': {
      args: {
        body: OrderRequest;
      };
      answer: Preview;
    };
    /**
     * Send a command to a contract
     *
     * The command is stored, and then the contract decides it. The answer is 200 if the command is applied, 409 with the code and the command's id if it is refused, and 202 if it is not decided after five seconds. In that case, read it later by its id.
     *
     * Scope: `write` or `contracts:write`.
     */
    '/v1/contracts/{id}/commands': {
      args: {
        /** An id. */
        id: string;
        body: CommandRequest;
      };
      answer: Command;
    };
    /**
     * Preview a command
     *
     * Computes what the command would bill and schedule, with the same code as a decision. Nothing is stored. Four previews of a merchant are computed at once, and twelve more wait. Others are refused with 429.
     *
     * Scope: `read` or `contracts:read`.
     */
    '/v1/contracts/{id}/commands/preview': {
      args: {
        /** An id. */
        id: string;
        body: CommandRequest;
      };
      answer: Preview;
    };
    /**
     * Create a one-time charge or credit
     *
     * The charge is billed at once on a document of its own, or with the next invoice. A price below zero makes a credit.
     *
     * Scope: `write` or `one-time-charges:write`.
     */
    '/v1/one-time-charges': {
      args: {
        body: NewOneTimeCharge;
      };
      answer: OneTimeCharge;
    };
    /**
     * Withdraw a one-time charge that waits
     *
     * A charge can be withdrawn until it is billed. The set-up fee of a contract in its trial can be withdrawn, too.
     *
     * Scope: `write` or `one-time-charges:write`.
     */
    '/v1/one-time-charges/{id}/withdraw': {
      args: {
        /** An id. */
        id: string;
      };
      answer: OneTimeCharge;
    };
    /**
     * Report usage of metered components
     *
     * The body is one event or a list. The answer has one result for each event, in the same order: `consumed`, or `rejected` with the reason. An event that is sent again with the same id and content gets the same result, and counts once.
     *
     * Scope: `write` or `usage:write`.
     */
    '/v1/contracts/{id}/usage': {
      args: {
        /** An id. */
        id: string;
        body: UsageReport;
      };
      answer: UsageAnswers;
    };
    /**
     * Send a mail again
     *
     * Makes a mail of its own, with the content and the addresses as they are when it is sent. A mail that is still queued is refused.
     *
     * Scope: `write` or `mails:write`.
     */
    '/v1/mails/{id}/resend': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Mail;
    };
    /**
     * Report that a mail came back
     *
     * For programs that read returned mails. It may be repeated.
     *
     * Scope: `write` or `mails:write`.
     */
    '/v1/mails/{id}/bounce': {
      args: {
        /** An id. */
        id: string;
        body?: Bounce;
      };
      answer: Mail;
    };
    /**
     * Preview a mail template
     *
     * Fills a template with sample values. Nothing is sent or stored.
     *
     * Scope: `read` or `mails:read`.
     */
    '/v1/mail-templates/preview': {
      args: {
        body: MailPreviewRequest;
      };
      answer: MailPreview;
    };
    /**
     * Retry the step of an incident
     *
     * Answers at once. The incident is closed when its step succeeds. The step is also retried every hour. A test clock that is stuck continues when it is advanced again.
     *
     * Scope: `write` or `incidents:write`.
     */
    '/v1/incidents/{id}/retry': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Incident;
    };
    /**
     * Create a test clock
     *
     * Only test merchants have test clocks. A clock gives the time to its customers and to all their contracts. It moves only when it is advanced.
     *
     * Scope: `write` or `test-clocks:write`.
     */
    '/v1/test-clocks': {
      args: {
        body: NewTestClock;
      };
      answer: TestClock;
    };
    /**
     * Advance a test clock
     *
     * Starts the advance and answers at once. The clock has reached its target when its status is `ready` again.
     *
     * Scope: `write` or `test-clocks:write`.
     */
    '/v1/test-clocks/{id}/advance': {
      args: {
        /** An id. */
        id: string;
        body: Advance;
      };
      answer: TestClock;
    };
    /**
     * Create a webhook endpoint
     *
     * Tenor then sends new events to the endpoint as signed POST requests by Standard Webhooks. The body of a request is the event. Any status from 200 to 299 accepts it. Otherwise it is sent again, with growing pauses, for three days.
     *
     * Scope: `admin` or `webhook-endpoints:admin`.
     */
    '/v1/webhook-endpoints': {
      args: {
        body: NewWebhookEndpoint;
      };
      answer: WebhookEndpointWithSecret;
    };
    /**
     * Rotate the secret of a webhook endpoint
     *
     * For some hours, each webhook has two signatures, one by each secret, so that receivers can change without a gap.
     *
     * Scope: `admin` or `webhook-endpoints:admin`.
     */
    '/v1/webhook-endpoints/{id}/rotate-secret': {
      args: {
        /** An id. */
        id: string;
        body?: WebhookSecretRotation;
      };
      answer: WebhookEndpointWithSecret;
    };
    /**
     * Send a test event
     *
     * The event `webhook.test` is sent to this endpoint alone, in the same way as other events.
     *
     * Scope: `write` or `webhook-endpoints:write`.
     */
    '/v1/webhook-endpoints/{id}/test': {
      args: {
        /** An id. */
        id: string;
      };
      answer: WebhookDelivery;
    };
    /**
     * Send an event again
     *
     * The event is sent again with the same id, even if it was delivered. It is tried for three days.
     *
     * Scope: `write` or `webhook-endpoints:write`.
     */
    '/v1/webhook-endpoints/{id}/deliveries/{event}/replay': {
      args: {
        /** An id. */
        id: string;
        /** An id. */
        event: string;
      };
      answer: WebhookDelivery;
    };
    /**
     * Send many events again
     *
     * All dead events, or those of a span of time: at most 10,000 for each request.
     *
     * Scope: `write` or `webhook-endpoints:write`.
     */
    '/v1/webhook-endpoints/{id}/replay': {
      args: {
        /** An id. */
        id: string;
        body: WebhookReplay;
      };
      answer: WebhooksReplayed;
    };
    /**
     * Create an API key
     *
     * The new key may only have scopes that the key of this request has itself.
     *
     * Scope: `admin` or `api-keys:admin`.
     */
    '/v1/api-keys': {
      args: {
        body: NewApiKey;
      };
      answer: MadeApiKey;
    };
    /**
     * Rotate an API key
     *
     * Creates a key with the same name, scopes and lifetime. The old key works for some hours more, so that clients can change to the new one without a gap.
     *
     * Scope: `admin` or `api-keys:admin`.
     */
    '/v1/api-keys/{id}/rotate': {
      args: {
        /** An id. */
        id: string;
        body?: KeyRotation;
      };
      answer: MadeApiKey;
    };
    /**
     * Receive a provider's webhook
     *
     * The provider signs its request, so no API key is needed. An event counts once, however often it is delivered.
     */
    '/v1/providers/{provider}/webhooks': {
      args: {
        provider: string;
        body: Record<string, unknown>;
      };
      answer: {
        received: boolean;
      };
    };
  };
  get: {
    /**
     * List issuers
     *
     * Scope: `read` or `issuers:read`.
     */
    '/v1/issuers': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
      };
      answer: {
        data: Issuer[];
        next_cursor: string | null;
      };
    };
    /**
     * Read an issuer
     *
     * Scope: `read` or `issuers:read`.
     */
    '/v1/issuers/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Issuer;
    };
    /**
     * Read the picture of the logo
     *
     * The PNG or JPEG as it was sent. Its `ETag` is its SHA-256.
     *
     * Scope: `read` or `issuers:read`.
     */
    '/v1/issuers/{id}/logo': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Uint8Array;
    };
    /**
     * List tax policies
     *
     * Scope: `read` or `tax-policies:read`.
     */
    '/v1/tax-policies': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
      };
      answer: {
        data: TaxPolicy[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a tax policy
     *
     * Scope: `read` or `tax-policies:read`.
     */
    '/v1/tax-policies/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: TaxPolicy;
    };
    /**
     * List plan groups
     *
     * Scope: `read` or `catalogue:read`.
     */
    '/v1/plan-groups': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
      };
      answer: {
        data: PlanGroup[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a plan group
     *
     * Scope: `read` or `catalogue:read`.
     */
    '/v1/plan-groups/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: PlanGroup;
    };
    /**
     * List plans
     *
     * Scope: `read` or `catalogue:read`.
     */
    '/v1/plans': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        /** An id, or the merchant's external id. */
        plan_group?: string;
      };
      answer: {
        data: Plan[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a plan
     *
     * Scope: `read` or `catalogue:read`.
     */
    '/v1/plans/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Plan;
    };
    /**
     * List components
     *
     * Scope: `read` or `catalogue:read`.
     */
    '/v1/components': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        /** An id, or the merchant's external id. */
        plan_group?: string;
      };
      answer: {
        data: Component[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a component
     *
     * Scope: `read` or `catalogue:read`.
     */
    '/v1/components/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Component;
    };
    /**
     * List variants
     *
     * Scope: `read` or `catalogue:read`.
     */
    '/v1/variants': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        /** An id, or the merchant's external id. */
        plan?: string;
      };
      answer: {
        data: Variant[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a variant
     *
     * Scope: `read` or `catalogue:read`.
     */
    '/v1/variants/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Variant;
    };
    /**
     * List customers
     *
     * Newest first. A page may have fewer entries than its limit, or none, and still a `next_cursor`: then many rows fit the narrowest filter and few fit the others, and the next page searches on.
     *
     * Scope: `read` or `customers:read`.
     */
    '/v1/customers': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        /** The merchant's own id for the object, unique per merchant and kind of object. */
        external_id?: string;
        /** An id, or the merchant's external id. */
        parent?: string;
        /** An id. */
        clock?: string;
        /** Customers with these words in their name (whole words, in any order, without case and accents), or with this mail address. */
        search?: string;
        /** From this instant on. */
        created_from?: string;
        /** Before this instant. */
        created_before?: string;
        /** The order: `-` begins with the newest or largest. By default `-created_at`. */
        sort?: '-created_at' | 'created_at';
      };
      answer: {
        data: Customer[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a customer
     *
     * Scope: `read` or `customers:read`.
     */
    '/v1/customers/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Customer;
    };
    /**
     * List billing accounts
     *
     * Scope: `read` or `accounts:read`.
     */
    '/v1/billing-accounts': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        /** An id, or the merchant's external id. */
        customer?: string;
      };
      answer: {
        data: BillingAccount[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a billing account with its balance
     *
     * Scope: `read` or `accounts:read`.
     */
    '/v1/billing-accounts/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: BillingAccount;
    };
    /**
     * List the runs of a collective account
     *
     * Scope: `read` or `accounts:read`.
     */
    '/v1/billing-accounts/{id}/runs': {
      args: {
        /** An id. */
        id: string;
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
      };
      answer: {
        data: AccountRun[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a run of a collective account
     *
     * Scope: `read` or `accounts:read`.
     */
    '/v1/runs/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: AccountRun;
    };
    /**
     * List the entries of a billing account
     *
     * Newest first. Each entry has the balance after it.
     *
     * Scope: `read` or `accounts:read`.
     */
    '/v1/billing-accounts/{id}/entries': {
      args: {
        /** An id. */
        id: string;
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        /** From this day on, in the account's time zone. */
        from?: string;
        /** Before this day, in the account's time zone. */
        before?: string;
        /** The order: `-` begins with the newest or largest. By default `-at`. */
        sort?: '-at' | 'at';
      };
      answer: {
        data: AccountEntry[];
        next_cursor: string | null;
      };
    };
    /**
     * List the collections of a billing account
     *
     * Collections by balance, with their states, amounts and invoices.
     *
     * Scope: `read` or `accounts:read`.
     */
    '/v1/billing-accounts/{id}/collections': {
      args: {
        /** An id. */
        id: string;
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
      };
      answer: {
        data: AccountCollection[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a collection of a billing account
     *
     * Scope: `read` or `accounts:read`.
     */
    '/v1/collections/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: AccountCollection;
    };
    /**
     * List jobs over billing accounts
     *
     * The newest first.
     *
     * Scope: `read` or `accounts:read`.
     */
    '/v1/account-jobs': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
      };
      answer: {
        data: AccountJob[];
        next_cursor: string | null;
      };
    };
    /**
     * Read how far a job over billing accounts is
     *
     * Scope: `read` or `accounts:read`.
     */
    '/v1/account-jobs/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: AccountJob;
    };
    /**
     * List what a job did with each billing account
     *
     * Scope: `read` or `accounts:read`.
     */
    '/v1/account-jobs/{id}/accounts': {
      args: {
        /** An id. */
        id: string;
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        state?: 'waiting' | 'done' | 'skipped' | 'failed';
      };
      answer: {
        data: JobAccount[];
        next_cursor: string | null;
      };
    };
    /**
     * List the statements of a billing account
     *
     * Scope: `read` or `accounts:read`.
     */
    '/v1/billing-accounts/{id}/statements': {
      args: {
        /** An id. */
        id: string;
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
      };
      answer: {
        data: AccountStatement[];
        next_cursor: string | null;
      };
    };
    /**
     * Read an account statement
     *
     * Scope: `read` or `accounts:read`.
     */
    '/v1/statements/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: AccountStatement;
    };
    /**
     * Print an account statement as a page of text
     *
     * 92 characters wide.
     *
     * Scope: `read` or `accounts:read`.
     */
    '/v1/statements/{id}/print': {
      args: {
        /** An id. */
        id: string;
        /** By default the customer's language, or English if that is not supported. */
        language?: 'de' | 'en';
      };
      answer: string;
    };
    /**
     * Read an account statement as PDF
     *
     * A PDF/A-3b in the customer's language. A worker makes it when it is first requested or sent, and stores it. Until then the answer is 202: repeat the request after the seconds of `Retry-After`. A stored PDF never changes. Its `ETag` is its SHA-256.
     *
     * Scope: `read` or `accounts:read`.
     */
    '/v1/statements/{id}/pdf': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Uint8Array;
    };
    /**
     * List payment methods
     *
     * Scope: `read` or `payment-methods:read`.
     */
    '/v1/payment-methods': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        /** An id, or the merchant's external id. */
        customer?: string;
      };
      answer: {
        data: PaymentMethod[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a payment method
     *
     * Scope: `read` or `payment-methods:read`.
     */
    '/v1/payment-methods/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: PaymentMethod;
    };
    /**
     * List contracts
     *
     * Newest first. A page may have fewer entries than its limit, or none, and still a `next_cursor`: then many rows fit the narrowest filter and few fit the others, and the next page searches on.
     *
     * Scope: `read` or `contracts:read`.
     */
    '/v1/contracts': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        /** An id, or the merchant's external id. */
        customer?: string;
        /** An id. */
        account?: string;
        phase?: 'ordered' | 'trial' | 'normal' | 'inactive' | 'ended';
        /** A currency of ISO 4217. */
        currency?: string;
        /** The merchant's own id for the object, unique per merchant and kind of object. */
        external_id?: string;
        /** Only contracts that are next due before this instant, by a bill, a scheduled change or the end of a trial. */
        due_before?: string;
        /** From this instant on. */
        created_from?: string;
        /** Before this instant. */
        created_before?: string;
        /** The order: `-` begins with the newest or largest. By default `-created_at`. `next_due_at` lists only contracts that are due once more, and is the default for `due_before`. */
        sort?: '-created_at' | 'created_at' | '-next_due_at' | 'next_due_at';
      };
      answer: {
        data: ContractSummary[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a contract
     *
     * The contract with its phase, component subscriptions, scheduled changes, next bill and balance.
     *
     * Scope: `read` or `contracts:read`.
     */
    '/v1/contracts/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Contract;
    };
    /**
     * List the commands of a contract
     *
     * Scope: `read` or `contracts:read`.
     */
    '/v1/contracts/{id}/commands': {
      args: {
        /** An id. */
        id: string;
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
      };
      answer: {
        data: Command[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a command with its decision
     *
     * Scope: `read` or `contracts:read`.
     */
    '/v1/commands/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Command;
    };
    /**
     * List one-time charges
     *
     * Scope: `read` or `one-time-charges:read`.
     */
    '/v1/one-time-charges': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        /** An id, or the merchant's external id. */
        customer?: string;
        /** An id. */
        account?: string;
        /** An id, or the merchant's external id. */
        contract?: string;
        state?: 'waiting' | 'billed' | 'withdrawn';
      };
      answer: {
        data: OneTimeCharge[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a one-time charge
     *
     * Scope: `read` or `one-time-charges:read`.
     */
    '/v1/one-time-charges/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: OneTimeCharge;
    };
    /**
     * List the usage of a contract
     *
     * Consumed events in the order in which they were reported. With `from` and `to`, only events from the instant `from` on and before the instant `to`. Events that are reported while you read the pages may or may not appear on a later page.
     *
     * Scope: `read` or `usage:read`.
     */
    '/v1/contracts/{id}/usage': {
      args: {
        /** An id. */
        id: string;
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        /** An id, or the merchant's external id. */
        component?: string;
        /** An instant with an offset or Z. */
        from?: string;
        /** An instant with an offset or Z. */
        to?: string;
      };
      answer: {
        data: Usage[];
        next_cursor: string | null;
      };
    };
    /**
     * Read the usage totals of a contract
     *
     * The metered periods that are not billed yet (`open`), with their amounts so far, and those that were billed (`data`).
     *
     * Scope: `read` or `usage:read`.
     */
    '/v1/contracts/{id}/usage/totals': {
      args: {
        /** An id. */
        id: string;
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
      };
      answer: UsageTotals;
    };
    /**
     * List invoices and credit notes
     *
     * Newest first. A page may have fewer entries than its limit, or none, and still a `next_cursor`: then many rows fit the narrowest filter and few fit the others, and the next page searches on.
     *
     * Scope: `read` or `invoices:read`.
     */
    '/v1/invoices': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        /** Documents with this number (whole, or its digits), amount, customer name (whole words, in any order, without case and accents) or mail address. They are sorted by `at`. */
        search?: string;
        /** An id, or the merchant's external id. */
        customer?: string;
        /** An id. */
        account?: string;
        /** An id, or the merchant's external id. */
        contract?: string;
        kind?: 'invoice' | 'credit_note';
        number?: string;
        state?: 'open' | 'paid' | 'used';
        /** A currency of ISO 4217. */
        currency?: string;
        /** Documents of this day or later. */
        issued_from?: string;
        /** Documents of earlier days. */
        issued_before?: string;
        /** Only invoices that are due on this day or later. */
        due_from?: string;
        /** Only invoices that are due earlier. */
        due_before?: string;
        /** The exact amount. It needs `currency`. */
        amount?: string;
        /** The smallest amount. It needs `currency`, and sorts the list by amount unless `sort` is sent. */
        amount_min?: string;
        /** The largest amount. It needs `currency`, and sorts the list by amount unless `sort` is sent. */
        amount_max?: string;
        /** The order: `-` begins with the newest or largest. By default `-at`. `due_date` lists only invoices, and is the default for `due_from` and `due_before`. `amount` is the gross total, and needs `currency`. */
        sort?: '-at' | 'at' | '-due_date' | 'due_date' | '-amount' | 'amount';
      };
      answer: {
        data: InvoiceSummary[];
        next_cursor: string | null;
      };
    };
    /**
     * Read an invoice or credit note
     *
     * The document as it was finalised, with the issuer and the recipient of that time, and its present payment state.
     *
     * Scope: `read` or `invoices:read`.
     */
    '/v1/invoices/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Invoice;
    };
    /**
     * Print an invoice as a page of text
     *
     * The document as it was finalised, 92 characters wide.
     *
     * Scope: `read` or `invoices:read`.
     */
    '/v1/invoices/{id}/print': {
      args: {
        /** An id. */
        id: string;
        /** By default the customer's language, or English if that is not supported. */
        language?: 'de' | 'en';
      };
      answer: string;
    };
    /**
     * Read an invoice or credit note as PDF
     *
     * A PDF/A-3b in the customer's language. A worker makes it when it is first requested or sent, and stores it. Until then the answer is 202: repeat the request after the seconds of `Retry-After`. A stored PDF never changes. Its `ETag` is its SHA-256.
     *
     * Scope: `read` or `invoices:read`.
     */
    '/v1/invoices/{id}/pdf': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Uint8Array;
    };
    /**
     * Explain the lines of an invoice
     *
     * How each line came to its amount, as data and as a sentence.
     *
     * Scope: `read` or `invoices:read`.
     */
    '/v1/invoices/{id}/explain': {
      args: {
        /** An id. */
        id: string;
        /** By default the customer's language, or English if that is not supported. */
        language?: 'de' | 'en';
      };
      answer: Explanation;
    };
    /**
     * List payments
     *
     * Newest first. A page may have fewer entries than its limit, or none, and still a `next_cursor`: then many rows fit the narrowest filter and few fit the others, and the next page searches on.
     *
     * Scope: `read` or `payments:read`.
     */
    '/v1/payments': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        /** An id, or the merchant's external id. */
        customer?: string;
        /** An id. */
        account?: string;
        /** Payments that were charged for the contract, or that paid its invoices. */
        contract?: string;
        /** A currency of ISO 4217. */
        currency?: string;
        /** The whole reference of the payment. */
        reference?: string;
        /** Payments that count from this instant on. */
        from?: string;
        /** Payments that count before this instant. */
        before?: string;
        /** The exact amount. It needs `currency`. */
        amount?: string;
        /** The smallest amount. It needs `currency`, and sorts the list by amount unless `sort` is sent. */
        amount_min?: string;
        /** The largest amount. It needs `currency`, and sorts the list by amount unless `sort` is sent. */
        amount_max?: string;
        /** The order: `-` begins with the newest or largest. By default `-at`. `amount` needs `currency`. */
        sort?: '-at' | 'at' | '-amount' | 'amount';
      };
      answer: {
        data: Payment[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a payment with its allocations
     *
     * Scope: `read` or `payments:read`.
     */
    '/v1/payments/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Payment;
    };
    /**
     * Print the receipt of a payment as a page of text
     *
     * The invoices that the payment paid at once, 92 characters wide.
     *
     * Scope: `read` or `payments:read`.
     */
    '/v1/payments/{id}/print': {
      args: {
        /** An id. */
        id: string;
        /** By default the customer's language, or English if that is not supported. */
        language?: 'de' | 'en';
      };
      answer: string;
    };
    /**
     * Read the receipt of a payment as PDF
     *
     * A PDF/A-3b in the customer's language. A worker makes it when it is first requested or sent, and stores it. Until then the answer is 202: repeat the request after the seconds of `Retry-After`. A stored PDF never changes. Its `ETag` is its SHA-256.
     *
     * Scope: `read` or `payments:read`.
     */
    '/v1/payments/{id}/pdf': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Uint8Array;
    };
    /**
     * List payment attempts
     *
     * Newest first.
     *
     * Scope: `read` or `payments:read`.
     */
    '/v1/attempts': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        /** An id. */
        account?: string;
        /** An id. */
        invoice?: string;
      };
      answer: {
        data: Attempt[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a payment attempt
     *
     * Scope: `read` or `payments:read`.
     */
    '/v1/attempts/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Attempt;
    };
    /**
     * List events
     *
     * With `after`, or with `order=oldest`, in the order in which they were written: whoever continues after the last event of an answer misses none. Otherwise newest first. A page may have fewer entries than its limit, or none, and still a `next_cursor`: then many rows fit the narrowest filter and few fit the others, and the next page searches on.
     *
     * Scope: `read` or `events:read`.
     */
    '/v1/events': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        /** Send it several times for events of several types. */
        type?: 'order.accepted' | 'contract.phase_started' | 'contract.changed' | 'contract.change_scheduled' | 'contract.change_withdrawn' | 'contract.paused' | 'contract.resumed' | 'contract.ended' | 'command.refused' | 'invoice.finalised' | 'invoice.paid' | 'invoice.reopened' | 'invoice.collection_stopped' | 'credit_note.finalised' | 'account.run_finished' | 'account.collection_notice' | 'account.collection_stopped' | 'payment.pending' | 'payment.requires_action' | 'payment.succeeded' | 'payment.declined' | 'payment.charged_back' | 'payment.received' | 'account.deactivated' | 'account.activated' | 'customer.created' | 'customer.changed' | 'customer.erased' | 'payment_method.added' | 'payment_method.removed' | 'mail.failed' | 'mail.bounced' | 'incident.opened' | 'incident.closed' | 'clock.ready' | 'clock.stuck' | 'webhook_endpoint.disabled' | 'webhook.test' | ('order.accepted' | 'contract.phase_started' | 'contract.changed' | 'contract.change_scheduled' | 'contract.change_withdrawn' | 'contract.paused' | 'contract.resumed' | 'contract.ended' | 'command.refused' | 'invoice.finalised' | 'invoice.paid' | 'invoice.reopened' | 'invoice.collection_stopped' | 'credit_note.finalised' | 'account.run_finished' | 'account.collection_notice' | 'account.collection_stopped' | 'payment.pending' | 'payment.requires_action' | 'payment.succeeded' | 'payment.declined' | 'payment.charged_back' | 'payment.received' | 'account.deactivated' | 'account.activated' | 'customer.created' | 'customer.changed' | 'customer.erased' | 'payment_method.added' | 'payment_method.removed' | 'mail.failed' | 'mail.bounced' | 'incident.opened' | 'incident.closed' | 'clock.ready' | 'clock.stuck' | 'webhook_endpoint.disabled' | 'webhook.test')[];
        /** The id of the object that the events are about. */
        object?: string;
        /** An id, or the merchant's external id. */
        customer?: string;
        /** An id, or the merchant's external id. */
        contract?: string;
        /** From this instant on. */
        recorded_from?: string;
        /** Before this instant. */
        recorded_before?: string;
        /** The default is `newest`. */
        order?: 'newest' | 'oldest';
        /** The id of an event. Its successors are listed, oldest first. */
        after?: string;
      };
      answer: {
        data: TenorEvent[];
        next_cursor: string | null;
      };
    };
    /**
     * Read an event
     *
     * Scope: `read` or `events:read`.
     */
    '/v1/events/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: TenorEvent;
    };
    /**
     * List mails
     *
     * Newest first. A page may have fewer entries than its limit, or none, and still a `next_cursor`: then many rows fit the narrowest filter and few fit the others, and the next page searches on. The list has no mail addresses. They are on each mail.
     *
     * Scope: `read` or `mails:read`.
     */
    '/v1/mails': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        /** An id, or the merchant's external id. */
        customer?: string;
        /** An id. */
        document?: string;
        /** Mails to customers who have, or had, this whole mail address. */
        address?: string;
        state?: 'queued' | 'sent' | 'failed' | 'skipped' | 'bounced';
        purpose?: 'invoice' | 'credit_note' | 'receipt' | 'collection_notice' | 'payment_failed' | 'action_required' | 'card_expires' | 'webhook_disabled';
        /** Only mails that were made at this instant or later. */
        created_from?: string;
        /** Only mails that were made before this instant. */
        created_before?: string;
        /** The order: `-` begins with the newest or largest. By default `-created_at`. */
        sort?: '-created_at' | 'created_at';
      };
      answer: {
        data: Mail[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a mail with its tries
     *
     * Scope: `read` or `mails:read`.
     */
    '/v1/mails/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: MailDetail;
    };
    /**
     * List the mail templates of all purposes and languages
     *
     * Scope: `read` or `mails:read`.
     */
    '/v1/mail-templates': {
      args: Record<string, never>;
      answer: {
        data: MailTemplate[];
      };
    };
    /**
     * Read a mail template
     *
     * Answers the merchant's own template, or the default one.
     *
     * Scope: `read` or `mails:read`.
     */
    '/v1/mail-templates/{purpose}/{language}': {
      args: {
        purpose: 'invoice' | 'credit_note' | 'receipt' | 'collection_notice' | 'payment_failed' | 'action_required' | 'card_expires' | 'webhook_disabled';
        language: 'de' | 'en';
      };
      answer: MailTemplate;
    };
    /**
     * Read where the merchant's operators get mails
     *
     * Scope: `read` or `mails:read`.
     */
    '/v1/mail-settings': {
      args: Record<string, never>;
      answer: MailSettings;
    };
    /**
     * List incidents
     *
     * Steps of contracts and collections that failed, each with advice. Newest first.
     *
     * Scope: `read` or `incidents:read`.
     */
    '/v1/incidents': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        state?: 'open' | 'closed';
        /** An id, or the merchant's external id. */
        contract?: string;
        /** An id. */
        clock?: string;
        /** From this instant on. */
        opened_from?: string;
        /** Before this instant. */
        opened_before?: string;
        /** The order: `-` begins with the newest or largest. By default `-opened_at`. */
        sort?: '-opened_at' | 'opened_at';
      };
      answer: {
        data: Incident[];
        next_cursor: string | null;
      };
    };
    /**
     * Read an incident
     *
     * The incident with its reason, its effect and advice.
     *
     * Scope: `read` or `incidents:read`.
     */
    '/v1/incidents/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: Incident;
    };
    /**
     * List test clocks
     *
     * Scope: `read` or `test-clocks:read`.
     */
    '/v1/test-clocks': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
      };
      answer: {
        data: TestClock[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a test clock, with its time and its open work
     *
     * Scope: `read` or `test-clocks:read`.
     */
    '/v1/test-clocks/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: TestClock;
    };
    /**
     * List webhook endpoints
     *
     * Scope: `read` or `webhook-endpoints:read`.
     */
    '/v1/webhook-endpoints': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
      };
      answer: {
        data: WebhookEndpoint[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a webhook endpoint
     *
     * Scope: `read` or `webhook-endpoints:read`.
     */
    '/v1/webhook-endpoints/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: WebhookEndpoint;
    };
    /**
     * List the deliveries of a webhook endpoint
     *
     * The events of the endpoint with the state of their delivery, newest first.
     *
     * Scope: `read` or `webhook-endpoints:read`.
     */
    '/v1/webhook-endpoints/{id}/deliveries': {
      args: {
        /** An id. */
        id: string;
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
        state?: 'waiting' | 'delivered' | 'dead';
      };
      answer: {
        data: WebhookDelivery[];
        next_cursor: string | null;
      };
    };
    /**
     * Read a delivery and its log
     *
     * Scope: `read` or `webhook-endpoints:read`.
     */
    '/v1/webhook-endpoints/{id}/deliveries/{event}': {
      args: {
        /** An id. */
        id: string;
        /** An id. */
        event: string;
      };
      answer: WebhookDeliveryWithLog;
    };
    /**
     * List API keys
     *
     * The list contains revoked keys, too. The texts of the keys are not stored, and cannot be shown again.
     *
     * Scope: `admin` or `api-keys:admin`.
     */
    '/v1/api-keys': {
      args: {
        /** The largest number of entries on the page, 1 to 100. */
        limit?: number;
        /** The `next_cursor` of the page before. */
        cursor?: string;
      };
      answer: {
        data: ApiKey[];
        next_cursor: string | null;
      };
    };
    /**
     * Read an API key
     *
     * Scope: `admin` or `api-keys:admin`.
     */
    '/v1/api-keys/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: ApiKey;
    };
    /**
     * List customers as CSV
     *
     * All entries that fit the filters, in the order of the list, without pages. Cells that a spreadsheet would take for a formula begin with an apostrophe. If the connection breaks, the CSV is not whole.
     *
     * Scope: `read` or `customers:read`.
     */
    '/v1/customers.csv': {
      args: {
        /** The merchant's own id for the object, unique per merchant and kind of object. */
        external_id?: string;
        /** An id, or the merchant's external id. */
        parent?: string;
        /** An id. */
        clock?: string;
        /** Customers with these words in their name (whole words, in any order, without case and accents), or with this mail address. */
        search?: string;
        /** From this instant on. */
        created_from?: string;
        /** Before this instant. */
        created_before?: string;
        /** The order: `-` begins with the newest or largest. By default `-created_at`. */
        sort?: '-created_at' | 'created_at';
      };
      answer: string;
    };
    /**
     * List the entries of a billing account as CSV
     *
     * All entries that fit the filters, in the order of the list, without pages. Cells that a spreadsheet would take for a formula begin with an apostrophe. If the connection breaks, the CSV is not whole.
     *
     * Scope: `read` or `accounts:read`.
     */
    '/v1/billing-accounts/{id}/entries.csv': {
      args: {
        /** An id. */
        id: string;
        /** From this day on, in the account's time zone. */
        from?: string;
        /** Before this day, in the account's time zone. */
        before?: string;
        /** The order: `-` begins with the newest or largest. By default `-at`. */
        sort?: '-at' | 'at';
      };
      answer: string;
    };
    /**
     * List contracts as CSV
     *
     * All entries that fit the filters, in the order of the list, without pages. Cells that a spreadsheet would take for a formula begin with an apostrophe. If the connection breaks, the CSV is not whole.
     *
     * Scope: `read` or `contracts:read`.
     */
    '/v1/contracts.csv': {
      args: {
        /** An id, or the merchant's external id. */
        customer?: string;
        /** An id. */
        account?: string;
        phase?: 'ordered' | 'trial' | 'normal' | 'inactive' | 'ended';
        /** A currency of ISO 4217. */
        currency?: string;
        /** The merchant's own id for the object, unique per merchant and kind of object. */
        external_id?: string;
        /** Only contracts that are next due before this instant, by a bill, a scheduled change or the end of a trial. */
        due_before?: string;
        /** From this instant on. */
        created_from?: string;
        /** Before this instant. */
        created_before?: string;
        /** The order: `-` begins with the newest or largest. By default `-created_at`. `next_due_at` lists only contracts that are due once more, and is the default for `due_before`. */
        sort?: '-created_at' | 'created_at' | '-next_due_at' | 'next_due_at';
      };
      answer: string;
    };
    /**
     * List invoices and credit notes as CSV
     *
     * All entries that fit the filters, in the order of the list, without pages. Cells that a spreadsheet would take for a formula begin with an apostrophe. If the connection breaks, the CSV is not whole.
     *
     * Scope: `read` or `invoices:read`.
     */
    '/v1/invoices.csv': {
      args: {
        /** Documents with this number (whole, or its digits), amount, customer name (whole words, in any order, without case and accents) or mail address. They are sorted by `at`. */
        search?: string;
        /** An id, or the merchant's external id. */
        customer?: string;
        /** An id. */
        account?: string;
        /** An id, or the merchant's external id. */
        contract?: string;
        kind?: 'invoice' | 'credit_note';
        number?: string;
        state?: 'open' | 'paid' | 'used';
        /** A currency of ISO 4217. */
        currency?: string;
        /** Documents of this day or later. */
        issued_from?: string;
        /** Documents of earlier days. */
        issued_before?: string;
        /** Only invoices that are due on this day or later. */
        due_from?: string;
        /** Only invoices that are due earlier. */
        due_before?: string;
        /** The exact amount. It needs `currency`. */
        amount?: string;
        /** The smallest amount. It needs `currency`, and sorts the list by amount unless `sort` is sent. */
        amount_min?: string;
        /** The largest amount. It needs `currency`, and sorts the list by amount unless `sort` is sent. */
        amount_max?: string;
        /** The order: `-` begins with the newest or largest. By default `-at`. `due_date` lists only invoices, and is the default for `due_from` and `due_before`. `amount` is the gross total, and needs `currency`. */
        sort?: '-at' | 'at' | '-due_date' | 'due_date' | '-amount' | 'amount';
      };
      answer: string;
    };
    /**
     * List payments as CSV
     *
     * All entries that fit the filters, in the order of the list, without pages. Cells that a spreadsheet would take for a formula begin with an apostrophe. If the connection breaks, the CSV is not whole.
     *
     * Scope: `read` or `payments:read`.
     */
    '/v1/payments.csv': {
      args: {
        /** An id, or the merchant's external id. */
        customer?: string;
        /** An id. */
        account?: string;
        /** Payments that were charged for the contract, or that paid its invoices. */
        contract?: string;
        /** A currency of ISO 4217. */
        currency?: string;
        /** The whole reference of the payment. */
        reference?: string;
        /** Payments that count from this instant on. */
        from?: string;
        /** Payments that count before this instant. */
        before?: string;
        /** The exact amount. It needs `currency`. */
        amount?: string;
        /** The smallest amount. It needs `currency`, and sorts the list by amount unless `sort` is sent. */
        amount_min?: string;
        /** The largest amount. It needs `currency`, and sorts the list by amount unless `sort` is sent. */
        amount_max?: string;
        /** The order: `-` begins with the newest or largest. By default `-at`. `amount` needs `currency`. */
        sort?: '-at' | 'at' | '-amount' | 'amount';
      };
      answer: string;
    };
    /**
     * List events as CSV
     *
     * All entries that fit the filters, in the order of the list, without pages. Cells that a spreadsheet would take for a formula begin with an apostrophe. If the connection breaks, the CSV is not whole.
     *
     * Scope: `read` or `events:read`.
     */
    '/v1/events.csv': {
      args: {
        /** Send it several times for events of several types. */
        type?: 'order.accepted' | 'contract.phase_started' | 'contract.changed' | 'contract.change_scheduled' | 'contract.change_withdrawn' | 'contract.paused' | 'contract.resumed' | 'contract.ended' | 'command.refused' | 'invoice.finalised' | 'invoice.paid' | 'invoice.reopened' | 'invoice.collection_stopped' | 'credit_note.finalised' | 'account.run_finished' | 'account.collection_notice' | 'account.collection_stopped' | 'payment.pending' | 'payment.requires_action' | 'payment.succeeded' | 'payment.declined' | 'payment.charged_back' | 'payment.received' | 'account.deactivated' | 'account.activated' | 'customer.created' | 'customer.changed' | 'customer.erased' | 'payment_method.added' | 'payment_method.removed' | 'mail.failed' | 'mail.bounced' | 'incident.opened' | 'incident.closed' | 'clock.ready' | 'clock.stuck' | 'webhook_endpoint.disabled' | 'webhook.test' | ('order.accepted' | 'contract.phase_started' | 'contract.changed' | 'contract.change_scheduled' | 'contract.change_withdrawn' | 'contract.paused' | 'contract.resumed' | 'contract.ended' | 'command.refused' | 'invoice.finalised' | 'invoice.paid' | 'invoice.reopened' | 'invoice.collection_stopped' | 'credit_note.finalised' | 'account.run_finished' | 'account.collection_notice' | 'account.collection_stopped' | 'payment.pending' | 'payment.requires_action' | 'payment.succeeded' | 'payment.declined' | 'payment.charged_back' | 'payment.received' | 'account.deactivated' | 'account.activated' | 'customer.created' | 'customer.changed' | 'customer.erased' | 'payment_method.added' | 'payment_method.removed' | 'mail.failed' | 'mail.bounced' | 'incident.opened' | 'incident.closed' | 'clock.ready' | 'clock.stuck' | 'webhook_endpoint.disabled' | 'webhook.test')[];
        /** The id of the object that the events are about. */
        object?: string;
        /** An id, or the merchant's external id. */
        customer?: string;
        /** An id, or the merchant's external id. */
        contract?: string;
        /** From this instant on. */
        recorded_from?: string;
        /** Before this instant. */
        recorded_before?: string;
        /** The default is `newest`. */
        order?: 'newest' | 'oldest';
        /** The id of an event. Its successors are listed, oldest first. */
        after?: string;
      };
      answer: string;
    };
    /**
     * List mails as CSV
     *
     * All entries that fit the filters, in the order of the list, without pages. Cells that a spreadsheet would take for a formula begin with an apostrophe. If the connection breaks, the CSV is not whole.
     *
     * Scope: `read` or `mails:read`.
     */
    '/v1/mails.csv': {
      args: {
        /** An id, or the merchant's external id. */
        customer?: string;
        /** An id. */
        document?: string;
        /** Mails to customers who have, or had, this whole mail address. */
        address?: string;
        state?: 'queued' | 'sent' | 'failed' | 'skipped' | 'bounced';
        purpose?: 'invoice' | 'credit_note' | 'receipt' | 'collection_notice' | 'payment_failed' | 'action_required' | 'card_expires' | 'webhook_disabled';
        /** Only mails that were made at this instant or later. */
        created_from?: string;
        /** Only mails that were made before this instant. */
        created_before?: string;
        /** The order: `-` begins with the newest or largest. By default `-created_at`. */
        sort?: '-created_at' | 'created_at';
      };
      answer: string;
    };
    /**
     * List incidents as CSV
     *
     * All entries that fit the filters, in the order of the list, without pages. Cells that a spreadsheet would take for a formula begin with an apostrophe. If the connection breaks, the CSV is not whole.
     *
     * Scope: `read` or `incidents:read`.
     */
    '/v1/incidents.csv': {
      args: {
        state?: 'open' | 'closed';
        /** An id, or the merchant's external id. */
        contract?: string;
        /** An id. */
        clock?: string;
        /** From this instant on. */
        opened_from?: string;
        /** Before this instant. */
        opened_before?: string;
        /** The order: `-` begins with the newest or largest. By default `-opened_at`. */
        sort?: '-opened_at' | 'opened_at';
      };
      answer: string;
    };
  };
  patch: {
    /**
     * Change an issuer's names, addresses, logo and mails
     *
     * A `party` is replaced as a whole, and printed from the next document on. Existing documents keep the version that they print. With `mail_enabled`, customers of the issuer get mails from `mail_from`.
     *
     * Scope: `admin` or `issuers:admin`.
     */
    '/v1/issuers/{id}': {
      args: {
        /** An id. */
        id: string;
        body?: IssuerPatch;
      };
      answer: Issuer;
    };
    /**
     * Revise a customer
     *
     * `party` and `mail_addresses` are each replaced as a whole. Documents keep the version that they print. A country is refused if a contract of the customer has no tax rate there. The problem has the ids of these contracts in `contracts`.
     *
     * Scope: `write` or `customers:write`.
     */
    '/v1/customers/{id}': {
      args: {
        /** An id. */
        id: string;
        body?: CustomerPatch;
      };
      answer: Customer;
    };
    /**
     * Change the name, payment term, payment method, kind, runs or collection
     *
     * Changes apply from the next document on. A new payment method is also charged for open invoices that have no attempt under way. A collective account becomes immediate only when no charge waits on it. A run that is due already is still done when the calendar changes. The way of collecting changes only when nothing is being collected.
     *
     * Scope: `write` or `accounts:write`.
     */
    '/v1/billing-accounts/{id}': {
      args: {
        /** An id. */
        id: string;
        body?: BillingAccountPatch;
      };
      answer: BillingAccount;
    };
    /**
     * Change the payment method or the billing account of a contract
     *
     * The new payment method is charged at once for open invoices that have no attempt under way. A new billing account gets the next charges. A later credit of a charge that was made before belongs to the account of that charge. Everything else of a contract is changed by commands.
     *
     * Scope: `write` or `contracts:write`.
     */
    '/v1/contracts/{id}': {
      args: {
        /** An id. */
        id: string;
        body?: ContractPatch;
      };
      answer: Contract;
    };
    /**
     * Change a webhook endpoint
     *
     * A new filter of types applies to events that are recorded after the change. An endpoint that accepts nothing for three days is disabled. Its events wait until it is enabled again.
     *
     * Scope: `admin` or `webhook-endpoints:admin`.
     */
    '/v1/webhook-endpoints/{id}': {
      args: {
        /** An id. */
        id: string;
        body?: WebhookEndpointChange;
      };
      answer: WebhookEndpoint;
    };
  };
  delete: {
    /**
     * Remove a rate
     *
     * A mistyped rate can be removed and added again. It can be removed only before its first day, by wall time and on every test clock, and only if no line is billed at it. It cannot be removed if a contract would be without a rate; the problem has the ids of these contracts in `contracts`.
     *
     * Scope: `admin` or `tax-policies:admin`.
     */
    '/v1/tax-policies/{id}/rates/{country}/{valid_from}': {
      args: {
        /** An id. */
        id: string;
        /** A country of ISO 3166, two letters. */
        country: string;
        /** A local date, YYYY-MM-DD. */
        valid_from: string;
      };
      answer: TaxPolicy;
    };
    /**
     * Remove a payment method
     *
     * The payment method is no longer charged. Attempts that are under way continue.
     *
     * Scope: `write` or `payment-methods:write`.
     */
    '/v1/payment-methods/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: PaymentMethod;
    };
    /**
     * Return to the default mail template
     *
     * Scope: `admin` or `mails:admin`.
     */
    '/v1/mail-templates/{purpose}/{language}': {
      args: {
        purpose: 'invoice' | 'credit_note' | 'receipt' | 'collection_notice' | 'payment_failed' | 'action_required' | 'card_expires' | 'webhook_disabled';
        language: 'de' | 'en';
      };
      answer: undefined;
    };
    /**
     * Delete a test clock and everything on it
     *
     * Scope: `write` or `test-clocks:write`.
     */
    '/v1/test-clocks/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: undefined;
    };
    /**
     * Delete a webhook endpoint
     *
     * Tenor sends nothing more to it. Its waiting events and the log of its tries are deleted, too.
     *
     * Scope: `admin` or `webhook-endpoints:admin`.
     */
    '/v1/webhook-endpoints/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: undefined;
    };
    /**
     * Revoke an API key
     *
     * The key stops working at once. A key cannot revoke one that has more scopes than itself.
     *
     * Scope: `admin` or `api-keys:admin`.
     */
    '/v1/api-keys/{id}': {
      args: {
        /** An id. */
        id: string;
      };
      answer: undefined;
    };
  };
  put: {
    /**
     * Replace a mail template
     *
     * Scope: `admin` or `mails:admin`.
     */
    '/v1/mail-templates/{purpose}/{language}': {
      args: {
        purpose: 'invoice' | 'credit_note' | 'receipt' | 'collection_notice' | 'payment_failed' | 'action_required' | 'card_expires' | 'webhook_disabled';
        language: 'de' | 'en';
        body: NewMailTemplate;
      };
      answer: MailTemplate;
    };
    /**
     * Set where the merchant's operators get mails
     *
     * Scope: `admin` or `mails:admin`.
     */
    '/v1/mail-settings': {
      args: {
        body: NewMailSettings;
      };
      answer: MailSettings;
    };
  };
}
