import { z } from "zod";
import { authSchema } from "./auth-schema.ts";
import { cacheSchema } from "./cache-schema.ts";
import { databaseUrl } from "./database-url.ts";
import { engineSchema } from "./engine-schema.ts";
import { bytes, keyFacts, oneOrMore, section, time } from "./fields.ts";
import { gcSchema } from "./gc-schema.ts";
import { formatListenAddress, parseListenAddress } from "./listen-address.ts";
import { notificationsSchema } from "./notifications-schema.ts";
import { policySchema } from "./policy-schema.ts";
import { quotasSchema } from "./quotas-schema.ts";
import { retentionSchema } from "./retention-schema.ts";
import { s3Schema } from "./s3-schema.ts";
import { scrubSchema } from "./scrub-schema.ts";
import { snapshotsSchema } from "./snapshots-schema.ts";
import { storesSchema } from "./stores-rule.ts";
import { upstreamsSchema } from "./upstreams-schema.ts";
import { userAndGroup } from "./user-value.ts";
import * as values from "./values.ts";
import { webSchema } from "./web-schema.ts";

const addresses = oneOrMore(values.reading(parseListenAddress));
const showAddresses = (list: { host: string; port: number }[]) => list.map(formatListenAddress);

/**
 * The file: how each value is read, and its default, spelled as one would spell it in the file. The folders
 * and the number of workers depend on the machine and are finished by `loadConfig`.
 */
export const schema = z.strictObject({
  listen: addresses.prefault("127.0.0.1:5000").register(keyFacts, { list: true, show: showAddresses }),
  data: values.folder().optional(),
  external_url: values.origin().optional(),
  trusted_proxies: oneOrMore(values.peer()).prefault([]).register(keyFacts, { list: true }),
  storage: section({
    verify_reads: values.yesOrNo().prefault(false),
    stores: storesSchema,
    disk: section({
      path: values.folder().optional(),
      direct_writes: values.yesOrNo().prefault(true),
      x_accel_redirect: values.location().optional(),
    }),
    s3: s3Schema.optional(),
  }),
  metadata: section({
    url: databaseUrl().optional().register(keyFacts, { secret: true }),
    url_file: values.file().optional(),
    pool: values.wholeNumber(1, 200).prefault(5),
  }),
  uploads: section({
    expire_after: time("24h", "1s", 3650 * 86_400_000),
    purge_interval: time("1h", "1s"),
  }),
  limits: section({
    manifest_size: bytes("1KiB", "256MiB", "4MiB"),
    tags_per_put: values.wholeNumber(1, 10_000).prefault(100),
    page_size: values.wholeNumber(1, 100_000).prefault(10_000),
    concurrent_uploads: values.wholeNumber(1, 1_000_000).prefault(512),
    header_timeout: time("30s"),
    body_idle_timeout: time("60s"),
    keep_alive_timeout: time("75s"),
    drain_timeout: time("30s", "0s"),
  }),
  workers: values.wholeNumberOrAuto(1, 256).prefault("auto"),
  log: section({
    level: values.word(["trace", "debug", "info", "warn", "error", "silent"]).prefault("info"),
    access: values.yesOrNo().prefault(true),
  }),
  tls: z
    .strictObject({
      certificate: values.file(),
      key: values.file(),
      client_ca: values.file().optional(),
      client_certificates: values.word(["off", "optional", "required"]).prefault("off"),
      min_version: values.word(["TLSv1.2", "TLSv1.3"]).prefault("TLSv1.2"),
    })
    .optional(),
  metrics: section({
    listen: addresses.prefault([]).register(keyFacts, { list: true, show: showAddresses }),
  }),
  auth: authSchema.optional(),
  policy: policySchema,
  audit: section({
    enabled: values.yesNoOrAuto().prefault("auto"),
    reads: values.yesOrNo().prefault(true),
    file: values.fileOrOff().prefault("off"),
    keep: time("365d", "1h", 36_500 * 86_400_000),
  }),
  upstreams: upstreamsSchema,
  cache: cacheSchema,
  gc: gcSchema,
  scrub: scrubSchema,
  snapshots: snapshotsSchema,
  quotas: quotasSchema,
  retention: retentionSchema,
  web: webSchema,
  notifications: notificationsSchema,
  engine: engineSchema,
  user: userAndGroup().optional(),
});
