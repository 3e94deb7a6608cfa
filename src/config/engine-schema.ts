import { z } from "zod";
import type { EngineAddress } from "./engine-config.ts";
import { bytes, keyFacts, oneOrMore, section } from "./fields.ts";
import { formatListenAddress, parseListenAddress } from "./listen-address.ts";
import { quoted, Unreadable } from "./unreadable.ts";
import * as values from "./values.ts";

/** sun_path has 108 bytes, the last of which is 0. */
const longestSocket = 107;

const address = values.reading((value): EngineAddress => {
  const [, scheme, rest = ""] =
    /^(unix|tcp):\/\/(.+)$/.exec(typeof value === "string" ? value.trim() : "") ?? [];
  if (scheme === "tcp") {
    const { host, port } = parseListenAddress(rest);
    return { host, port };
  }
  if (scheme !== "unix" || !rest.startsWith("/") || /[\0\n]|\/$/.test(rest))
    throw new Unreadable(
      `${quoted(value)}: write unix:///run/berth/engine.sock, or tcp://HOST:PORT together with engine.tls`,
    );
  if (Buffer.byteLength(rest) > longestSocket)
    throw new Unreadable(`${quoted(value)}: the path of a socket has at most ${longestSocket} bytes`);
  return { path: rest };
});

/** The spelling that the file has: `unix:///run/berth/engine.sock`, `tcp://127.0.0.1:2376`. */
export function formatEngineAddress(listen: EngineAddress): string {
  return "path" in listen ? `unix://${listen.path}` : `tcp://${formatListenAddress(listen)}`;
}

const group = values.reading((value) => {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text === "string" && /^([a-z_][a-z0-9_.-]{0,31}\$?|\d{1,9})$/i.test(text)) return text;
  throw new Unreadable(`${quoted(value)} is not the name or number of a group`);
});

const registryHost = /^(\[[0-9a-f:]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?$/;

const hostName = values.reading((value) => {
  const text = typeof value === "string" ? value.trim().toLowerCase() : "";
  if (registryHost.test(text)) return text;
  throw new Unreadable(`${quoted(value)} is not a registry's name; write HOST or HOST:PORT, without http://`);
});

const network = z.union([z.cidrv4(), z.cidrv6()]);

const hostOrNetwork = values.reading((value) => {
  const text = typeof value === "string" ? value.trim().toLowerCase() : "";
  if (registryHost.test(text) || network.safeParse(text).success) return text;
  throw new Unreadable(`${quoted(value)}: write HOST, HOST:PORT or a network such as 10.0.0.0/8`);
});

const subnet = (version: 4 | 6, example: string) =>
  values.reading((value) => {
    const known = version === 4 ? z.cidrv4() : z.cidrv6();
    const bits = Number(String(value).split("/")[1]);
    if (known.safeParse(value).success && bits >= 8 && bits <= (version === 4 ? 30 : 126))
      return String(value);
    throw new Unreadable(`${quoted(value)} is not a network of IPv${version}; write such as ${example}`);
  });

const idRange = values.reading((value) => {
  if (value === "off" || value === false) return "off" as const;
  const [, first, count] = /^(\d{1,10}):(\d{1,10})$/.exec(String(value)) ?? [];
  const range = { first: Number(first), count: Number(count) };
  // Ids are 32 bits, and the last two mean "none".
  if (range.first >= 1000 && range.count >= 1 && range.first + range.count <= 2 ** 32 - 2) return range;
  throw new Unreadable(`${quoted(value)}: write off, or FIRST:COUNT such as 100000:65536, from 1000 on`);
});

const showIds = (range: { first: number; count: number } | undefined) =>
  range === undefined ? "off" : `${range.first}:${range.count}`;

const ulimits =
  "as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack";

const ulimit = values.reading((value) => {
  const [, name = "", soft, hard = soft] =
    /^([a-z]+)=(-1|\d{1,15})(?::(-1|\d{1,15}))?$/.exec(String(value)) ?? [];
  const limit = { name, soft: Number(soft), hard: Number(hard) };
  const within = limit.hard === -1 || (limit.soft !== -1 && limit.soft <= limit.hard);
  if (ulimits.split(" ").includes(name) && within) return limit;
  throw new Unreadable(
    `${quoted(value)}: write NAME=SOFT:HARD such as nofile=1024:4096; names are ${ulimits}`,
  );
});

const showUlimits = (limits: { name: string; soft: number; hard: number }[]) =>
  limits.map(({ name, soft, hard }) => `${name}=${soft}:${hard}`);

const ip = values.reading((value) => {
  if (z.union([z.ipv4(), z.ipv6()]).safeParse(value).success) return String(value);
  throw new Unreadable(`${quoted(value)} is not an IP address`);
});

const list = <Item extends z.core.SomeType>(item: Item) =>
  oneOrMore(item).prefault([]).register(keyFacts, { list: true });

/** The `engine` section; what depends on other keys is finished by `loadConfig`. */
export const engineSchema = section({
  enabled: values.yesOrNo().prefault(false),
  listen: oneOrMore(address)
    .prefault("unix:///run/berth/engine.sock")
    .register(keyFacts, { list: true, show: (all: EngineAddress[]) => all.map(formatEngineAddress) }),
  group: group.optional(),
  tls: z
    .strictObject({ certificate: values.file(), key: values.file(), client_ca: values.file() })
    .optional(),
  data: values.folder().optional(),
  run_folder: values.folder().prefault("/run/berth"),
  runtime: values.word(["auto", "crun", "runc"]).prefault("auto"),
  registry_names: list(hostName),
  insecure_registries: list(hostOrNetwork),
  bridge: section({
    subnet: subnet(4, "172.17.0.0/16").optional(),
    ipv6: subnet(6, "fd00:1::/64").optional(),
  }),
  log: section({
    max_size: bytes("0", "1TiB", "100MiB"),
    max_files: values.wholeNumber(1, 1000).prefault(2),
  }),
  userns_remap: idRange.prefault("off").register(keyFacts, { show: showIds }),
  init: values.file().optional(),
  default_ulimits: oneOrMore(ulimit).prefault([]).register(keyFacts, { list: true, show: showUlimits }),
  dns: list(ip),
});

export type ReadEngine = (typeof engineSchema)["_output"];
