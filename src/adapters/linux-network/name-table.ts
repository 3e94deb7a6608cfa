import type { NamedAddress, NameOptions } from "#core/engine/networking.ts";
import type { NetworkRecord } from "#core/engine/network.ts";

interface Entry {
  network: NetworkRecord;
  container: string;
  names: readonly NamedAddress[];
  options: NameOptions;
}

/** What a container sees: names of all networks that it is in, whichever of them it asks in. */
export interface View {
  /** Undefined: nobody has the name here. */
  addresses(name: string): NamedAddress[] | undefined;
  nameOf(address: string): string | undefined;
  /** Other names may be asked for outside. */
  mayForward: boolean;
  /** Whom to ask; undefined: this host's name servers. */
  nameservers: readonly string[] | undefined;
}

/** Names of containers by network. */
export function createNameTable() {
  /** Network → container → its names. */
  const networks = new Map<string, Map<string, Entry>>();

  const named = (entries: Iterable<Entry>, name: string) =>
    [...entries].flatMap((entry) => entry.names.filter((one) => one.name.toLowerCase() === name));

  return {
    set(
      network: NetworkRecord,
      container: string,
      names: readonly NamedAddress[],
      options: NameOptions,
    ): void {
      const entries = networks.get(network.id) ?? new Map<string, Entry>();
      networks.set(network.id, entries);
      entries.set(container, { network, container, names, options });
    },
    remove(network: NetworkRecord, container: string): void {
      const entries = networks.get(network.id);
      entries?.delete(container);
      if (entries?.size === 0) networks.delete(network.id);
    },
    /** @param from the address of who asks in the network. */
    view(network: NetworkRecord, from: string): View {
      const here = networks.get(network.id);
      const asking = [...(here?.values() ?? [])].find(({ names }) =>
        names.some(({ ipv4, ipv6 }) => ipv4 === from || ipv6 === from),
      );
      const mine = asking
        ? [...networks.values()].flatMap((entries) => entries.get(asking.container) ?? [])
        : [];
      const seen = mine.length > 0 ? mine.map((entry) => entry.network) : [network];
      const inside = (of: NetworkRecord) => networks.get(of.id)?.values() ?? [];

      function addresses(name: string): NamedAddress[] | undefined {
        const links = Object.assign({}, ...mine.map(({ options }) => options.links ?? {})) as Record<
          string,
          string
        >;
        const meant = Object.hasOwn(links, name) ? (links[name] ?? name).toLowerCase() : name;
        const found = seen.flatMap((of) => {
          const suffix = `.${of.name.toLowerCase()}`;
          const short = meant.endsWith(suffix) ? named(inside(of), meant.slice(0, -suffix.length)) : [];
          return [...named(inside(of), meant), ...short];
        });
        return found.length === 0 ? undefined : found;
      }

      return {
        addresses,
        nameOf(address) {
          for (const of of seen)
            for (const { names } of inside(of))
              for (const { name, ipv4, ipv6 } of names)
                if (ipv4 === address || ipv6 === address) return `${name}.${of.name}`;
          return undefined;
        },
        mayForward: seen.some((of) => !of.internal),
        nameservers: mine.map(({ options }) => options.nameservers).find((list) => list && list.length > 0),
      };
    },
  };
}

export type NameTable = ReturnType<typeof createNameTable>;
