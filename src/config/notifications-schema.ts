import { z } from "zod";
import { formatDuration } from "./duration.ts";
import { keyFacts, oneOrMore, section, time } from "./fields.ts";
import { parseRepositoryGlob } from "./globs.ts";
import type { WebhookAction, WebhookConfig } from "./notifications-config.ts";
import { Unreadable, quoted } from "./unreadable.ts";
import { hidden, secretText } from "./upstream-values.ts";
import * as values from "./values.ts";

const day = 86_400_000;
const minute = 60_000;
const actions: readonly WebhookAction[] = [
  "push",
  "mount",
  "delete",
  "restore",
  "pull",
  "fill",
  "start",
  "exit",
];
/** Who wants every pull says so. */
const usual = actions.filter((action) => action !== "pull");

const name = values.reading((value) => {
  if (typeof value === "string" && /^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$/.test(value)) return value;
  throw new Unreadable(
    `${quoted(value)} is not the name of a webhook; write up to 64 lower-case letters, digits, and . _ - between them`,
  );
});

/** A query may hold a token: it is in no message. */
const target = values.reading((value) => {
  const written = typeof value === "string" ? value.trim() : "";
  const url = URL.canParse(written) ? new URL(written) : undefined;
  const example = "write such as https://ci.example.org/hooks/berth";
  if (written.includes(hidden)) throw new Unreadable(`holds "${hidden}", which only stands for its query`);
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new Unreadable(`${quoted(written.split("?", 1)[0])} is not an address; ${example}`);
  if (url.username !== "" || url.password !== "")
    throw new Unreadable("must not contain a user name or password; write headers: { Authorization: … }");
  if (url.hash !== "") throw new Unreadable("write it without #");
  return url.href;
});

/** What Berth itself says of each request. */
const ownHeaders =
  /^(host|connection|keep-alive|content-(length|type|encoding)|transfer-encoding|expect|upgrade|user-agent|x-berth-.*)$/i;

function faultOfHeader(header: string, text: unknown): string | undefined {
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(header)) return `${quoted(header)} is not the name of a header`;
  if (ownHeaders.test(header)) return `${header} is set by Berth itself`;
  // RFC 9110 section 5.5: each character goes as one byte.
  if (typeof text === "string" && [...text].some((char) => char > "\u00ff"))
    return `the value of ${header} has characters that can't be sent`;
  return undefined;
}

const headers = z.preprocess(
  (value, context): unknown => {
    const message = "must be a mapping of headers and their values, such as { Authorization: Bearer … }";
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    }
    for (const [header, text] of Object.entries(value as Record<string, unknown>)) {
      const wrong = faultOfHeader(header, text);
      if (wrong !== undefined) context.addIssue({ code: "custom", message: wrong });
    }
    return value;
  },
  z.record(z.string(), secretText),
);

const webhook = z.strictObject({
  name,
  url: target,
  format: values.word(["distribution", "cloudevents"]).prefault("distribution"),
  events: oneOrMore(values.word(actions)).prefault(usual),
  repositories: oneOrMore(values.reading(parseRepositoryGlob)).prefault(["**"]),
  secret_file: values.file().optional(),
  headers: headers.prefault({}),
  timeout: values.duration("100ms", 5 * minute).prefault("10s"),
  retry_for: values.duration("1s", 30 * day).prefault("24h"),
  max_failures: values.wholeNumber(1, 1_000_000).optional(),
  batch: values.wholeNumber(1, 1_000).prefault(100),
  ca: values.file().optional(),
});

/** The `notifications` section; its files are made absolute by `loadConfig`. */
export const notificationsSchema = section({
  keep: time("7d", "1m", 3650 * day),
  webhooks: z
    .array(webhook)
    .superRefine((list, context) => {
      for (const [index, { name: one }] of list.entries()) {
        const first = list.findIndex((other) => other.name === one);
        if (first === index) continue;
        const message = `webhooks[${first}] has the name ${one} already`;
        context.addIssue({ code: "custom", path: [index, "name"], message });
      }
    })
    .prefault([])
    .register(keyFacts, {
      list: true,
      items: Object.keys(webhook.shape),
      show: (list: WebhookConfig[]) => list.map(shown),
    }),
});

export type ReadNotifications = (typeof notificationsSchema)["_output"];

/** As the file would spell it, without what is secret. */
function shown(item: WebhookConfig): Record<string, unknown> {
  const all: Record<string, unknown> = {
    ...item,
    url: item.url.replace(/\?.*$/, `?${hidden}`),
    headers: Object.fromEntries(Object.keys(item.headers).map((header) => [header, hidden])),
    timeout: formatDuration(item.timeout),
    retry_for: formatDuration(item.retry_for),
  };
  const given = Object.keys(webhook.shape).filter((key) => all[key] !== undefined);
  return Object.fromEntries(given.map((key) => [key, all[key]]));
}
