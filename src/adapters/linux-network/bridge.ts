import { randomBytes } from "node:crypto";
import type { NetworkRecord } from "#core/engine/network.ts";
import { AppError } from "#core/errors.ts";
import { parseCidr } from "#kit/ip-address.ts";
import * as kernel from "./kernel-settings.ts";
import { mayTalk } from "./network-lines.ts";
import { ipBatch, tool } from "./programs.ts";

interface ShownLink {
  ifname: string;
  ifalias?: string;
  master?: string;
  linkinfo?: { info_kind?: string };
  addr_info?: { local?: string; prefixlen?: number; scope?: string }[];
}

/** Links with their aliases and addresses, which ip(8) shows separately. */
export async function shownLinks(...which: string[]): Promise<ShownLink[]> {
  const show = async (what: string) => {
    const text = await tool("ip", ["-j", "-d", what, "show", ...which]);
    return text.trim() === "" ? [] : (JSON.parse(text) as ShownLink[]);
  };
  const [links, addresses] = await Promise.all([show("link"), show("address")]);
  const found = new Map(addresses.map((link) => [link.ifname, link.addr_info ?? []]));
  return links.map((link) => ({ ...link, addr_info: found.get(link.ifname) ?? [] }));
}

const mtuOption = "com.docker.network.driver.mtu";

/** Bytes; undefined: the kernel's choice. */
export function mtuOf(network: NetworkRecord): number | undefined {
  const mtu = Number(network.options[mtuOption] ?? "");
  return Number.isInteger(mtu) && mtu >= 68 && mtu <= 65535 ? mtu : undefined;
}

/**
 * The bridge with the gateways' addresses, made or found. Its alias says that it is ours: other engines name their
 * bridges as we do. @param owner the alias.
 * @returns whether this host forwarded nothing before.
 */
export async function raiseBridge(network: NetworkRecord, owner: string): Promise<boolean> {
  const name = network.interface;
  const wanted = network.subnets.map(
    ({ subnet, gateway }) => `${gateway}/${parseCidr(subnet)?.prefix ?? 32}`,
  );
  const six = wanted.some((address) => address.includes(":"));
  const commands: string[] = [];
  if (kernel.hasInterface(name)) {
    const [link] = await shownLinks("dev", name);
    // This host's own (lo, eth0) would get our address, and let its neighbours in to what listens on loopback.
    if (link?.linkinfo?.info_kind !== "bridge")
      throw new AppError("engine-failed", `existing interface ${name} is not a bridge`, { subject: name });
    for (const { local = "", prefixlen = 0, scope } of link?.addr_info ?? []) {
      const address = `${local}/${prefixlen}`;
      if (scope === "global" && !wanted.includes(address) && link?.ifalias === owner)
        commands.push(`address del ${address} dev ${name}`);
    }
  } else {
    // Its own, for else it has its ports' lowest: that changes when one leaves, and all others ask at the old one.
    const mac = `02:42:${randomBytes(4).toString("hex").match(/../g)?.join(":")}`;
    commands.push(`link add name ${name} address ${mac} type bridge`, `link set dev ${name} alias ${owner}`);
  }
  if (!six) commands.push(`link set dev ${name} addrgenmode none`);
  const mtu = mtuOf(network);
  if (mtu !== undefined) commands.push(`link set dev ${name} mtu ${mtu}`);
  for (const address of wanted)
    commands.push(`address replace ${address} dev ${name}${address.includes(":") ? " nodad" : ""}`);
  commands.push(`link set dev ${name} up`);
  await ipBatch(commands);
  await kernel.set(`ipv4/conf/${name}/route_localnet`, "1");
  if (!mayTalk(network)) await kernel.set("bridge/bridge-nf-call-iptables", "1");
  if (six) await kernel.forward6();
  return kernel.forward4();
}

/** Only a bridge of ours: one that was there before stays. */
export async function removeBridge(name: string, owner: string): Promise<void> {
  if (!kernel.hasInterface(name)) return;
  const [link] = await shownLinks("dev", name);
  if (link?.ifalias === owner) await removeLinks([name]);
}

/** Links that are gone already are fine. */
export async function removeLinks(names: readonly string[]): Promise<void> {
  const there = names.filter((name) => name !== "" && kernel.hasInterface(name));
  if (there.length === 0) return;
  try {
    await tool("ip", ["-force", "-batch", "-"], there.map((name) => `link del dev ${name}\n`).join(""));
  } catch (error) {
    if (there.some((name) => kernel.hasInterface(name))) throw error;
  }
}
