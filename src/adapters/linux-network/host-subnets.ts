import { overlap, parseCidr, type IpNetwork } from "#kit/ip-address.ts";
import { shownLinks } from "./bridge.ts";
import { tool } from "./programs.ts";

interface ShownRoute {
  dst: string;
  dev?: string;
  type?: string;
}

/** Routes that say nothing about other machines' addresses. */
const ownTypes = new Set(["local", "broadcast", "multicast", "anycast"]);
/** A search asks about many subnets in a row. */
const freshFor = 500;

/** Which addresses this host reaches without us. @param owner the alias of our bridges. */
export function createHostSubnets(owner: string): { overlaps(subnet: string): Promise<boolean> } {
  let seen: { at: number; subnets: Promise<IpNetwork[]> } | undefined;

  async function look(): Promise<IpNetwork[]> {
    const routes = (version: string) =>
      tool("ip", ["-j", version, "route", "show", "table", "all"]).then(
        (text) => (text.trim() === "" ? [] : (JSON.parse(text) as ShownRoute[])),
        () => [],
      );
    const [links, four, six] = await Promise.all([shownLinks(), routes("-4"), routes("-6")]);
    const ours = new Set(links.filter((link) => link.ifalias === owner).map((link) => link.ifname));
    const texts = [
      ...links
        .filter((link) => !ours.has(link.ifname))
        .flatMap((link) => link.addr_info ?? [])
        .map(({ local = "", prefixlen = 0 }) => `${local}/${prefixlen}`),
      ...[...four, ...six]
        .filter(
          (route) => !ownTypes.has(route.type ?? "") && !ours.has(route.dev ?? "") && route.dst !== "default",
        )
        .map(({ dst }) => (dst.includes("/") ? dst : `${dst}/${dst.includes(":") ? 128 : 32}`)),
    ];
    return texts.map(parseCidr).filter((one) => one !== undefined && one.prefix > 0) as IpNetwork[];
  }

  return {
    async overlaps(subnet) {
      const wanted = parseCidr(subnet);
      if (!wanted) return false;
      if (!seen || Date.now() - seen.at > freshFor) seen = { at: Date.now(), subnets: look() };
      return (await seen.subnets).some((one) => overlap(one, wanted));
    },
  };
}
