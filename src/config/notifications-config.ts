/** Who is told of what happens: the `notifications` section. */
export interface NotificationsConfig {
  /** How long (ms) events stay in the outbox. What a webhook hasn't had yet stays longer, up to four times that. */
  keep: number;
  webhooks: WebhookConfig[];
}

/** One target that events are posted to. Files are absolute. */
export interface WebhookConfig {
  /** Tells it from the others, and how far it has been told goes by it. */
  name: string;
  /** Where events go. Its query may hold a token: never shown. */
  url: string;
  /** What a body looks like: Distribution's envelope, or a batch of CloudEvents 1.0. */
  format: WebhookFormat;
  events: WebhookAction[];
  /** Globs over the repositories whose events it gets. Those of containers, which are about none, all go. */
  repositories: string[];
  /** A file with the key of the signature, HMAC-SHA256. */
  secret_file: string | undefined;
  /** Further headers of each request. Their values are never shown. */
  headers: Record<string, string>;
  /** For the whole exchange, ms. */
  timeout: number;
  /** How long (ms) what fails is tried again before it is put aside as a dead letter. */
  retry_for: number;
  /** Tries of the same after which it is put aside, too; undefined: only `retry_for` counts. */
  max_failures: number | undefined;
  /** Events of one request at most. */
  batch: number;
  /** PEM of further CAs. */
  ca: string | undefined;
}

export type WebhookFormat = "distribution" | "cloudevents";
export type WebhookAction = "push" | "mount" | "delete" | "restore" | "pull" | "fill" | "start" | "exit";
