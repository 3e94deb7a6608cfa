import { z } from "zod";
import { formatDuration } from "./duration.ts";
import { keyFacts, oneOrMore, time, bytes } from "./fields.ts";
import { parseRepositoryGlob } from "./globs.ts";
import { knownAliases, knownRealms, knownUrl } from "./known-registries.ts";
import { formatListenAddress, parseListenAddress } from "./listen-address.ts";
import { formatSize } from "./size.ts";
import * as read from "./upstream-values.ts";
import type { UpstreamConfig } from "./upstreams-config.ts";
import * as values from "./values.ts";

const day = 86_400_000;
const globs = oneOrMore(values.reading(parseRepositoryGlob));
const least = "1KiB";
const most = "1024TiB";

const rate = z.strictObject({
  requests: values.wholeNumber(1, 100_000).optional(),
  concurrent: values.wholeNumber(1, 10_000).prefault(64),
});

const fields = z.strictObject({
  name: read.upstreamName,
  aliases: oneOrMore(read.registryHost).optional(),
  url: read.upstreamUrl.optional(),
  username: read.userName.optional(),
  password: read.secretText.optional(),
  password_file: values.file().optional(),
  token: read.secretText.optional(),
  token_file: values.file().optional(),
  docker_config: values.file().optional(),
  realms: oneOrMore(read.registryHost).optional(),
  ca: values.file().optional(),
  proxy: read.proxyUrl.optional(),
  no_proxy: oneOrMore(read.noProxyEntry).prefault([]),
  allow_addresses: oneOrMore(values.peer()).prefault([]),
  ttl: time("5m", "0s", 3650 * day),
  missing_ttl: time("30s", "0s", 365 * day),
  gone: values.word(["keep", "purge"]).prefault("keep"),
  offline: values.yesOrNo().prefault(false),
  allow: globs.prefault(["**"]),
  deny: globs.prefault([]),
  push: values.word(["deny", "allow"]).prefault("deny"),
  mirror_listen: oneOrMore(values.reading(parseListenAddress)).prefault([]),
  mirror_hosts: oneOrMore(read.mirrorHost).prefault([]),
  platforms: oneOrMore(read.platform).prefault([]),
  rate: mapping(rate, "requests and concurrent").prefault({}),
  timeout: time("30s"),
  max_blob: bytes(least, most, "100GiB"),
  max_bytes: values.size(least, most).optional(),
  pinned: oneOrMore(read.pinned).prefault([]),
});

/** A name alone is an upstream of which everything else has its default. */
const item = z
  .preprocess(
    (value) => (typeof value === "string" ? { name: value } : value),
    mapping(fields, "name, and what differs from its defaults"),
  )
  .transform(({ url: written, aliases, realms, ...rest }, context) => {
    const url = written ?? knownUrl(rest.name);
    if (url === undefined) {
      const message = `is missing: ${rest.name} is no host name, so write where that registry is`;
      context.addIssue({ code: "custom", path: ["url"], message });
      return z.NEVER;
    }
    return {
      ...rest,
      url,
      aliases: aliases ?? knownAliases(rest.name),
      realms: realms ?? knownRealms(url),
    };
  });

const items = [...Object.keys(fields.shape), ...Object.keys(rate.shape).map((key) => `rate.${key}`)];

/** The list `upstreams`; its files are made absolute by `loadConfig`. */
export const upstreamsSchema = z
  .preprocess((value, context): unknown => {
    const list: unknown = typeof value === "string" ? [value] : value;
    // A variable whose brackets don't match comes in pieces, none of which may be shown: they may be a password's.
    const torn = Array.isArray(list) && list.some((one) => typeof one === "string" && /[[\]{}]/.test(one));
    if (!torn) return list;
    const message =
      "can't be read; write names, docker.io, ghcr.io, or a list in brackets: [{name: docker.io}, ghcr.io]";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  }, z.array(item))
  .prefault([])
  .register(keyFacts, { list: true, items, show: (list: UpstreamConfig[]) => list.map(shown) });

export type ReadUpstream = (typeof upstreamsSchema)["_output"][number];

/** As the file would spell it, without what is secret. */
function shown(upstream: UpstreamConfig): Record<string, unknown> {
  const { password, token, proxy, max_bytes, ttl, missing_ttl, timeout, max_blob, mirror_listen } = upstream;
  const all = {
    ...upstream,
    password: password && read.hidden,
    token: token && read.hidden,
    // Some proxies take a token for the user's name.
    proxy: proxy?.replace(/\/\/.*@/, `//${read.hidden}@`),
    ttl: formatDuration(ttl),
    missing_ttl: formatDuration(missing_ttl),
    timeout: formatDuration(timeout),
    max_blob: formatSize(max_blob),
    max_bytes: max_bytes && formatSize(max_bytes),
    mirror_listen: mirror_listen.map(formatListenAddress),
    rate: given(upstream.rate),
  };
  const { name, ...rest } = given(all);
  const inOrder = Object.keys(fields.shape).filter((key) => key in rest);
  return { name, ...Object.fromEntries(inOrder.map((key) => [key, rest[key]])) };
}

/** Without the members that are undefined. */
function given(all: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** A mapping; of anything else the message says what stands in one. */
function mapping<Schema extends z.core.SomeType>(schema: Schema, keys: string) {
  return z.preprocess((value, context): unknown => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
    context.addIssue({ code: "custom", message: `must be a mapping with the keys ${keys}` });
    return z.NEVER;
  }, schema);
}
