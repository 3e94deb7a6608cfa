import { z } from "zod";
import { keyFacts, oneOrMore, section, time } from "./fields.ts";
import type { PartSizeConfig } from "./s3-config.ts";
import { formatSize, parseSize } from "./size.ts";
import { Unreadable, quoted } from "./unreadable.ts";
import * as values from "./values.ts";

const MiB = 1024 * 1024;
/** S3 takes no smaller part but the last; larger ones are memory of each upload. */
const leastPart = 5 * MiB;
const mostPart = 1024 * MiB;
/** Reaches 640 GB with 10,000 parts. */
const fixedPart = 64 * MiB;

const bucket = values.reading((value) => {
  if (typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(value)) return value;
  throw new Unreadable(`${quoted(value)} is not the name of a bucket; write only its name, such as registry`);
});

const prefix = values.reading((value) => {
  if (
    typeof value !== "string" ||
    !/^[A-Za-z0-9!_.*'()/-]{0,200}$/.test(value) ||
    /^\/|\/\/|\.\./.test(value)
  )
    throw new Unreadable(`${quoted(value)} is not a beginning of keys; write such as berth/`);
  return value === "" || value.endsWith("/") ? value : `${value}/`;
});

/** `8MiB`, `fixed` or `fixed 64MiB`. */
const partSize = values.reading((value): PartSizeConfig => {
  const [, word, size] = /^(?:(fixed)\b\s*)?(.*)$/.exec(String(value).trim()) ?? [];
  const fixed = word !== undefined;
  const first = fixed && size === "" ? fixedPart : parseSize(typeof value === "number" ? value : size);
  if (first >= leastPart && first <= mostPart) return { first, fixed };
  throw new Unreadable(`${quoted(value)}: must be between 5MiB and 1GiB`);
});

const showPartSize = ({ first, fixed }: PartSizeConfig) => `${fixed ? "fixed " : ""}${formatSize(first)}`;

/** The `storage.s3` section; what depends on other keys is finished by `loadConfig`. */
export const s3Schema = z.strictObject({
  bucket,
  region: values.text().optional(),
  endpoint: values.url("https://s3.example.org or http://127.0.0.1:9000").optional(),
  force_path_style: values.yesNoOrAuto().prefault("auto"),
  prefix: prefix.prefault(""),
  access_key_id_file: values.file().optional(),
  secret_access_key_file: values.file().optional(),
  sse: values.word(["none", "s3", "kms"]).prefault("none"),
  sse_kms_key_id: values.text().optional(),
  storage_class: values.text().optional(),
  checksums: values.word(["when_supported", "when_required"]).prefault("when_supported"),
  part_size: partSize.prefault("8MiB").register(keyFacts, { show: showPartSize }),
  parts_in_flight: values.wholeNumber(1, 64).prefault(4),
  digest_marker: values.word(["tag", "object"]).prefault("tag"),
  redirect: section({
    enabled: values.yesOrNo().prefault(true),
    base_url: values.url("https://blobs.example.org").optional(),
    // Signed URLs work for seven days at most.
    expiry: time("5m", "10s", 7 * 86_400_000),
    stream_to: oneOrMore(values.peer()).prefault([]).register(keyFacts, { list: true }),
  }),
});

export type ReadS3 = (typeof s3Schema)["_output"];

/** Key files come in pairs, and a KMS key belongs to KMS. */
export function s3Faults(s3: ReadS3 | undefined): { key: string; message: string }[] {
  if (s3 === undefined) return [];
  const faults: { key: string; message: string }[] = [];
  const { access_key_id_file: id, secret_access_key_file: secret } = s3;
  if ((id === undefined) !== (secret === undefined)) {
    const [missing, there] =
      id === undefined ? ["access_key_id", "secret_access_key"] : ["secret_access_key", "access_key_id"];
    faults.push({
      key: `storage.s3.${missing}_file`,
      message: `is missing: storage.s3.${there}_file is of no use without it`,
    });
  }
  if (s3.sse_kms_key_id !== undefined && s3.sse !== "kms")
    faults.push({ key: "storage.s3.sse_kms_key_id", message: "needs storage.s3.sse: kms" });
  return faults;
}
