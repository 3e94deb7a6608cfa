import type { NetworkRecord, Subnet } from "#core/engine/network.ts";
import { AppError } from "#core/errors.ts";
import { contains, formatCidr, formatIp, parseCidr, parseIp } from "#kit/ip-address.ts";
import { firstAddress, freeSubnet, meetsNetworks, uniqueLocalSubnet } from "./free-subnet.ts";
import { predefined } from "./network-mode.ts";
import { list, object, text, textMap, truth, type Json } from "./read-json.ts";

const invalid = (message: string) => new AppError("engine-invalid", message);
const bridgeOption = "com.docker.network.bridge.name";

/** Reads the body of a network's creation, and chooses what it leaves open. Docker Engine API 1.47 "NetworkCreateRequest". */
export async function newNetwork(
  body: Json,
  parts: {
    id: string;
    created: string;
    networks: readonly NetworkRecord[];
    overlaps: (subnet: string) => Promise<boolean>;
  },
): Promise<NetworkRecord> {
  const { id, created, networks } = parts;
  const name = networkName(text(body.Name, "Name"));
  const driver = text(body.Driver, "Driver");
  if (driver === "host" || driver === "null")
    throw new AppError("engine-forbidden", `only one instance of "${driver}" network is allowed`);
  if (driver !== "" && driver !== "default" && driver !== "bridge")
    throw new AppError("engine-missing", `plugin "${driver}" not found`);
  const scope = text(body.Scope, "Scope");
  if (scope !== "" && scope !== "local")
    throw invalid(`network scope ${scope} needs a swarm, which isn't part of this`);
  if (truth(body.Ingress, "Ingress") || truth(body.ConfigOnly, "ConfigOnly"))
    throw new AppError("engine-unsupported", "swarm and config-only networks aren't part of this engine");
  if (networks.some((network) => network.name === name))
    throw new AppError("engine-conflict", `network with name ${name} already exists`);

  const ipam = object(body.IPAM, "IPAM");
  const ipamDriver = text(ipam.Driver, "IPAM.Driver") || "default";
  if (ipamDriver !== "default") throw new AppError("engine-missing", `invalid ipam driver: ${ipamDriver}`);
  const subnets = list(ipam.Config, "IPAM.Config")
    .map((one) => chosenSubnet(object(one, "IPAM.Config")))
    .filter((one) => one !== undefined);
  for (const [at, { subnet }] of subnets.entries())
    if (meetsNetworks(subnet, networks) || meetsEarlier(subnets, at))
      throw new AppError(
        "engine-forbidden",
        "invalid pool request: Pool overlaps with other one on this address space",
      );
  const ipv6 = truth(body.EnableIPv6, "EnableIPv6");
  const six = subnets.filter(({ subnet }) => subnet.includes(":"));
  const four = subnets.filter(({ subnet }) => !subnet.includes(":"));
  if (four.length === 0) four.push(open(await freeSubnet(networks, parts.overlaps)));
  if (ipv6 && six.length === 0) six.push(open(uniqueLocalSubnet(id)));
  const options = textMap(body.Options, "Options");
  return {
    id,
    name,
    created,
    driver: "bridge",
    internal: truth(body.Internal, "Internal"),
    attachable: truth(body.Attachable, "Attachable"),
    ipv6,
    subnets: [...four, ...(ipv6 ? six : [])],
    options,
    ipamDriver,
    ipamOptions: textMap(ipam.Options, "IPAM.Options"),
    labels: textMap(body.Labels, "Labels"),
    interface: bridgeName(options, id, networks),
  };
}

function networkName(name: string): string {
  if (name.trim() === "") throw invalid("invalid name: name is empty");
  if (predefined.has(name) || name === "default")
    throw new AppError("engine-forbidden", `operation is not permitted on predefined ${name} network`);
  // It stands in paths of requests and in names that are looked up.
  if (
    name !== name.trim() ||
    name.length > 255 ||
    /[/\\\u0000-\u001f\u007f]/.test(name) ||
    /^\.+$/.test(name)
  )
    throw invalid(`invalid network name: ${JSON.stringify(name)}`);
  return name;
}

function bridgeName(options: Record<string, string>, id: string, networks: readonly NetworkRecord[]): string {
  const name = options[bridgeOption] ?? `br-${id.slice(0, 12)}`;
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/.test(name))
    throw invalid(`invalid bridge name: ${JSON.stringify(name)}`);
  const other = networks.find((network) => network.interface === name);
  if (other)
    throw new AppError(
      "engine-forbidden",
      `cannot create network ${id} (${name}): conflicts with network ${other.id} (${name}): networks have same bridge name`,
    );
  return name;
}

const open = (subnet: string): Subnet => ({ subnet, gateway: firstAddress(subnet), chosen: false });

/** Undefined: nothing is asked for. */
function chosenSubnet(of: Json): Subnet | undefined {
  const subnet = text(of.Subnet, "Subnet");
  const range = text(of.IPRange, "IPRange");
  const gateway = text(of.Gateway, "Gateway");
  const auxiliary = textMap(of.AuxiliaryAddresses ?? of.AuxAddress, "AuxiliaryAddresses");
  if (subnet === "") {
    if (gateway !== "") throw invalid(`no matching subnet for gateway ${gateway}`);
    if (range !== "") throw invalid(`no matching subnet for range ${range}`);
    return undefined;
  }
  const whole = cidr("subnet", subnet);
  if (whole.last - whole.first < 3n)
    throw invalid(`invalid network config:\ninvalid subnet ${subnet}: it is too small`);
  const part = range === "" ? undefined : cidr("ip-range", range);
  if (part && !(contains(whole, { version: part.version, value: part.first }) && part.prefix >= whole.prefix))
    throw invalid(`no matching subnet for range ${range}`);
  const inside = (address: string, words: string) => {
    const ip = parseIp(address);
    if (!ip || !contains(whole, ip)) throw invalid(`no matching subnet for ${words} ${address}`);
    return formatIp(ip);
  };
  return {
    subnet: formatCidr(whole),
    gateway: gateway === "" ? firstAddress(formatCidr(whole)) : inside(gateway, "gateway"),
    ...(part ? { range: formatCidr(part) } : {}),
    ...(Object.keys(auxiliary).length === 0
      ? {}
      : {
          auxiliary: Object.fromEntries(
            Object.entries(auxiliary).map(([key, address]) => [key, inside(address, "aux-address")]),
          ),
        }),
    chosen: true,
  };
}

function cidr(what: string, value: string) {
  const parsed = parseCidr(value);
  if (!parsed)
    throw invalid(`invalid network config:\ninvalid ${what} ${value}: invalid CIDR block notation`);
  if (parsed.address !== parsed.first)
    throw invalid(`invalid network config:\ninvalid ${what} ${value}: it should be ${formatCidr(parsed)}`);
  return parsed;
}

function meetsEarlier(subnets: readonly Subnet[], at: number): boolean {
  const earlier = { subnets: subnets.slice(0, at) } as NetworkRecord;
  return meetsNetworks(subnets[at]?.subnet ?? "", [earlier]);
}
