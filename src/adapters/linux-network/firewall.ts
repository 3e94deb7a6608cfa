import { jumps, networkChains, portChain, type Family, type TableLines } from "./firewall-lines.ts";
import { networkLines, type RaisedNetwork } from "./network-lines.ts";
import { tool } from "./programs.ts";
import { savedFirewall, type SavedFirewall } from "./saved-firewall.ts";

/**
 * The lines of one IP version, in chains of our own. Lines of networks are written as a whole with every change; those
 * of published ports are added and removed one by one. What is asked for while the program runs goes into its next run.
 */
export interface Firewall {
  /** Networks changed. */
  refresh(): Promise<void>;
  /** Replaces the container's rules (without `-A CHAIN`). */
  setPorts(container: string, rules: readonly string[]): Promise<void>;
  /** Containers whose rules are there. */
  containers(): Promise<string[]>;
  /** Takes the chains away, unless ports are still led somewhere. */
  clear(): Promise<void>;
}

export interface FirewallParts {
  family: Family;
  /** `BERTH`: what the chains' names begin with. */
  prefix: string;
  raised: () => readonly RaisedNetwork[];
  /** This host forwarded nothing before we came, and shall still only forward what we allow. */
  closeForward: () => boolean;
}

interface Batch {
  refresh: boolean;
  lines: string[];
  written: Promise<void>;
}

export function createFirewall({ family, prefix, raised, closeForward }: FirewallParts): Firewall {
  const chain = (name: string) => `${prefix}-${name}`;
  const ports = chain(portChain);
  const restore = family === 4 ? "iptables-restore" : "ip6tables-restore";
  /** What is there or on its way there; the first look is at what a former process left. */
  let known: Promise<Map<string, string[]>> | undefined;
  let ready = false;
  let running: Promise<unknown> = Promise.resolve();
  let next: Batch | undefined;

  const look = () => savedFirewall(family, ports);
  const portRules = () =>
    (known ??= look().then(
      (now) => now.ports,
      (error: unknown) => {
        known = undefined;
        throw error;
      },
    ));

  /** All that doesn't belong to single ports: chains, the jumps that lack, the networks' lines. */
  function foundation(now: SavedFirewall): TableLines {
    const lines = networkLines(family, raised(), chain);
    const leads = jumps(family, chain);
    const of = (table: keyof TableLines) => [
      ...networkChains[table].map((name) => `:${chain(name)} - [0:0]`),
      ...(table === "nat" && !now.chains.has(`nat ${ports}`) ? [`:${ports} - [0:0]`] : []),
      ...(table === "filter" && closeForward() ? [":FORWARD DROP [0:0]"] : []),
      ...lines[table],
      ...leads[table]
        .filter(({ rule }) => !now.rules.has(`${table} ${rule}`))
        .map((jump) => `${jump.put} ${jump.rule}`),
    ];
    return { nat: of("nat"), filter: of("filter") };
  }

  async function write(batch: { refresh: boolean; lines: readonly string[] }): Promise<void> {
    const lines: TableLines = { nat: [], filter: [] };
    if (batch.refresh || !ready) {
      const base = foundation(await look());
      lines.nat.push(...base.nat);
      lines.filter.push(...base.filter);
    }
    lines.nat.push(...batch.lines);
    const text = (["nat", "filter"] as const)
      .filter((table) => lines[table].length > 0)
      .map((table) => `*${table}\n${lines[table].join("\n")}\nCOMMIT\n`);
    if (text.length === 0) return;
    await tool(restore, ["--noflush", "--wait"], text.join(""));
    ready = true;
  }

  /** In the next run; when that fails, by itself, so that one container's lines never fail another's. */
  async function submit(refresh: boolean, lines: string[]): Promise<void> {
    if (!next) {
      const batch: Batch = { refresh: false, lines: [], written: Promise.resolve() };
      next = batch;
      batch.written = running.then(async () => {
        next = undefined;
        await write(batch);
      });
      running = batch.written.catch(() => undefined);
    }
    const mine = next;
    mine.refresh ||= refresh;
    mine.lines.push(...lines);
    try {
      await mine.written;
    } catch (error) {
      const alone = mine.lines.length === lines.length && mine.refresh === refresh;
      if (alone && refresh) throw error;
      const again = running.then(() =>
        write({ refresh: true, lines }).catch(() => write({ refresh, lines })),
      );
      running = again.catch(() => undefined);
      await again;
    }
  }

  return {
    refresh: () => submit(true, []),
    containers: async () => [...(await portRules()).keys()],
    async clear() {
      await running;
      const now = await look();
      if (now.ports.size > 0) return;
      const leads = jumps(family, chain);
      const text = (["nat", "filter"] as const).map((table) => {
        const chains = [...networkChains[table], ...(table === "nat" ? [portChain] : [])].map(chain);
        const there = chains.filter((name) => now.chains.has(`${table} ${name}`));
        const lines = [
          ...leads[table]
            .filter(({ rule }) => now.rules.has(`${table} ${rule}`))
            .map(({ rule }) => `-D ${rule}`),
          ...there.map((name) => `-F ${name}`),
          ...there.map((name) => `-X ${name}`),
        ];
        return lines.length === 0 ? "" : `*${table}\n${lines.join("\n")}\nCOMMIT\n`;
      });
      if (text.join("") !== "") await tool(restore, ["--noflush", "--wait"], text.join(""));
      ready = false;
    },
    async setPorts(container, rules) {
      const all = await portRules();
      const now = all.get(container) ?? [];
      const gone: string[] = now.filter((rule) => !rules.includes(rule)).map((rule) => `-D ${ports} ${rule}`);
      const added: string[] = rules
        .filter((rule) => !now.includes(rule))
        .map((rule) => `-A ${ports} ${rule}`);
      if (gone.length + added.length === 0) return;
      // At once, so that what comes next for the container starts from here.
      note(all, container, rules);
      try {
        await submit(false, [...gone, ...added]);
      } catch (error) {
        const left = (await look()).ports.get(container) ?? [];
        note(all, container, left);
        if (rules.length > 0) throw error;
        // Somebody else took lines away (a flushed firewall): what is left of them goes.
        await submit(
          false,
          left.map((rule) => `-D ${ports} ${rule}`),
        );
        all.delete(container);
      }
    },
  };
}

function note(all: Map<string, string[]>, container: string, rules: readonly string[]): void {
  if (rules.length === 0) all.delete(container);
  else all.set(container, [...rules]);
}
