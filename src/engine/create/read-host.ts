import type { HostConfig, MountRequest } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import type { RuntimeFacts } from "#core/engine/runtime.ts";
import { parseIp } from "#kit/ip-address.ts";
import { parseCapability } from "../capabilities.ts";
import { maskedPaths, readonlyPaths } from "../spec/hidden-paths.ts";
import { readSecurityOptions } from "../spec/security-options.ts";
import { jsonFields, type JsonFields } from "./json-fields.ts";
import { readLog } from "./read-log.ts";
import { readMount } from "./read-mount.ts";
import { readBindings } from "./read-ports.ts";
import { readResources } from "./read-resources.ts";
import { readRestart } from "./read-restart.ts";

const standardShm = 64 * 1024 * 1024;
/** They become lines of files that others read. */
const word = /^[^\s\p{C}]+$/u;

/** The host's half of a create body; see `checkHost`. Throws engine-invalid. */
export function readHost(written: JsonFields | undefined, facts: RuntimeFacts): HostConfig {
  const fields = written ?? jsonFields({}, "HostConfig");
  const privileged = fields.flag("Privileged");
  const SecurityOpt = fields.texts("SecurityOpt");
  const { systemPathsOpen } = readSecurityOptions(SecurityOpt);
  const open = privileged || systemPathsOpen;
  const paths = (key: string, standard: readonly string[]) =>
    open ? [] : fields.has(key) ? fields.texts(key) : [...standard];
  const host: HostConfig = {
    ...readResources(fields),
    Binds: fields.texts("Binds"),
    ContainerIDFile: fields.text("ContainerIDFile"),
    LogConfig: readLog(fields.object("LogConfig")),
    NetworkMode: networkMode(fields.text("NetworkMode")),
    PortBindings: readBindings(fields),
    RestartPolicy: readRestart(fields.object("RestartPolicy")) ?? { Name: "no", MaximumRetryCount: 0 },
    AutoRemove: fields.flag("AutoRemove"),
    VolumeDriver: fields.text("VolumeDriver"),
    VolumesFrom: fields.texts("VolumesFrom"),
    Mounts: fields.objects("Mounts").map((mount): MountRequest => readMount(mount)),
    ConsoleSize: consoleSize(fields),
    CapAdd: capabilities(fields, "CapAdd"),
    CapDrop: capabilities(fields, "CapDrop"),
    CgroupnsMode: fields.text("CgroupnsMode") || (facts.cgroup === 2 && !privileged ? "private" : "host"),
    Dns: fields.texts("Dns").map(nameServer),
    DnsOptions: fields.texts("DnsOptions").map((text) => oneWord(text, "DNS option")),
    DnsSearch: fields.texts("DnsSearch").map((text) => oneWord(text, "DNS search domain")),
    ExtraHosts: fields.texts("ExtraHosts").map(extraHost),
    GroupAdd: fields.texts("GroupAdd"),
    IpcMode: fields.text("IpcMode") || "private",
    Cgroup: fields.text("Cgroup"),
    Links: fields.texts("Links").map(link),
    OomScoreAdj: fields.whole("OomScoreAdj"),
    PidMode: fields.text("PidMode"),
    Privileged: privileged,
    PublishAllPorts: fields.flag("PublishAllPorts"),
    ReadonlyRootfs: fields.flag("ReadonlyRootfs"),
    SecurityOpt,
    StorageOpt: fields.textMap("StorageOpt"),
    Tmpfs: fields.textMap("Tmpfs"),
    UTSMode: fields.text("UTSMode"),
    UsernsMode: fields.text("UsernsMode"),
    ShmSize: fields.whole("ShmSize") === 0 ? standardShm : fields.whole("ShmSize"),
    Sysctls: fields.textMap("Sysctls"),
    Runtime: fields.text("Runtime") || facts.name,
    Isolation: fields.text("Isolation"),
    MaskedPaths: paths("MaskedPaths", maskedPaths),
    ReadonlyPaths: paths("ReadonlyPaths", readonlyPaths),
  };
  if (fields.has("Init")) host.Init = fields.flag("Init");
  if (fields.has("Annotations")) host.Annotations = fields.textMap("Annotations");
  return host;
}

function networkMode(mode: string): string {
  return mode === "" || mode === "default" ? "bridge" : mode;
}

function consoleSize(fields: JsonFields): [number, number] {
  const size = fields.raw("ConsoleSize") ?? [];
  const isSize = (value: unknown) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
  if (!Array.isArray(size) || !size.every(isSize))
    throw new AppError(
      "engine-invalid",
      "json: cannot unmarshal HostConfig.ConsoleSize: it must be two numbers, rows and columns",
    );
  const [rows = 0, columns = 0] = size as number[];
  return [rows, columns];
}

function capabilities(fields: JsonFields, key: "CapAdd" | "CapDrop"): string[] {
  const names = (fields.words(key) ?? []).map((text) => {
    const name = parseCapability(text);
    if (name !== undefined) return name;
    const upper = text.toUpperCase();
    const shown = upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
    throw new AppError("engine-invalid", `invalid ${key}: unknown capability: ${JSON.stringify(shown)}`);
  });
  return [...new Set(names)];
}

function nameServer(text: string): string {
  if (parseIp(text) === undefined)
    throw new AppError("engine-invalid", `bad nameserver address ${JSON.stringify(text)}`);
  return text;
}

function oneWord(text: string, what: string): string {
  if (!word.test(text)) throw new AppError("engine-invalid", `invalid ${what}: ${JSON.stringify(text)}`);
  return text;
}

/** `name:address`, also `name:host-gateway`. */
function extraHost(text: string): string {
  const at = text.indexOf(":");
  const [name, address] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || !word.test(name))
    throw new AppError("engine-invalid", `bad format for add-host: ${JSON.stringify(text)}`);
  const bare = /^\[(.*)\]$/.exec(address)?.[1] ?? address;
  if (bare !== "host-gateway" && parseIp(bare) === undefined)
    throw new AppError("engine-invalid", `invalid IP address in add-host: ${JSON.stringify(address)}`);
  return `${name}:${bare}`;
}

/** `container[:alias]` */
function link(text: string): string {
  const parts = text.split(":");
  if (text === "") throw new AppError("engine-invalid", "empty string specified for links");
  if (parts.length > 2 || !word.test(text))
    throw new AppError("engine-invalid", `bad format for links: ${text}`);
  return text;
}
