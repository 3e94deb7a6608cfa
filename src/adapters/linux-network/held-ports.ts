import type { EndpointNow, PublishedPort } from "#core/engine/container.ts";
import type { WantedPort } from "#core/engine/networking.ts";
import { AppError } from "#core/errors.ts";
import type { HeldPort } from "./held-port.ts";
import { holdTcpPort } from "./held-tcp-port.ts";
import { holdUdpPort } from "./held-udp-port.ts";
import { ephemeralPorts, hasIpv6 } from "./kernel-settings.ts";

interface Hold extends PublishedPort {
  protocol: string;
  /** Undefined while it is being bound, and for protocols that can't be. */
  held: HeldPort | undefined;
}

/** The ports of this host that containers have, bound by this process. */
export function createHeldPorts() {
  const holds = new Map<string, Hold[]>();
  /** The last one that was given to who asked for any: the next is another, so that none comes back right away. */
  let last = 0;

  const wildcard = (ip: string) => ip === "0.0.0.0" || ip === "::";
  const meets = (one: string, other: string) =>
    one.includes(":") === other.includes(":") && (one === other || wildcard(one) || wildcard(other));
  const taken = (protocol: string, ip: string, port: number) =>
    [...holds.values()].some((all) =>
      all.some((hold) => hold.hostPort === port && hold.protocol === protocol && meets(hold.hostIp, ip)),
    );
  const place = (ip: string, port: number) => `${ip.includes(":") ? `[${ip}]` : ip}:${port}`;

  /** One port at all of the addresses, or none. */
  async function hold(mine: Hold[], wanted: WantedPort, ips: readonly string[], port: number): Promise<void> {
    const [, protocol = "tcp"] = wanted.port.split("/");
    const begun: Hold[] = [];
    try {
      for (const ip of ips) {
        if (taken(protocol, ip, port))
          throw new AppError("port-taken", `Bind for ${place(ip, port)} failed: port is already allocated`);
        const one: Hold = { port: wanted.port, hostIp: ip, hostPort: port, protocol, held: undefined };
        mine.push(one);
        begun.push(one);
        try {
          one.held = await bind(protocol, ip, port);
        } catch (error) {
          // This host may have no IPv6 that could be listened on; then all addresses are all of IPv4.
          const absent = ["EAFNOSUPPORT", "EADDRNOTAVAIL"].includes(
            (error as NodeJS.ErrnoException).code ?? "",
          );
          if (!(absent && ip === "::" && wanted.hostIp === ""))
            throw bindFault(error, protocol, place(ip, port), ip);
          mine.splice(mine.indexOf(one), 1);
        }
      }
    } catch (error) {
      for (const one of begun) {
        await one.held?.close();
        const at = mine.indexOf(one);
        if (at >= 0) mine.splice(at, 1);
      }
      throw error;
    }
  }

  async function* candidates({ from, to }: WantedPort): AsyncGenerator<number> {
    if (from > 0) {
      for (let port = from; port <= to; port++) yield port;
      return;
    }
    const [first, end] = await ephemeralPorts();
    for (let count = first; count <= end; count++) {
      last = last < first || last >= end ? first : last + 1;
      yield last;
    }
  }

  async function close(container: string): Promise<void> {
    const mine = holds.get(container);
    if (!mine) return;
    await Promise.all(mine.map(async ({ held }) => held?.close()));
    if (holds.get(container) === mine) holds.delete(container);
  }

  return {
    /** As Networking.reserve. */
    async reserve(container: string, wanted: readonly WantedPort[]): Promise<PublishedPort[]> {
      await close(container);
      const mine: Hold[] = [];
      holds.set(container, mine);
      try {
        for (const want of wanted) {
          const ips = want.hostIp !== "" ? [want.hostIp] : hasIpv6() ? ["0.0.0.0", "::"] : ["0.0.0.0"];
          let fault: AppError | undefined = new AppError("port-taken", "all ports are allocated");
          for await (const port of candidates(want)) {
            fault = await hold(mine, want, ips, port).then(
              () => undefined,
              (error: unknown) => {
                if (error instanceof AppError && error.code === "port-taken") return error;
                throw error;
              },
            );
            if (!fault) break;
          }
          if (fault) throw fault;
        }
      } catch (error) {
        await close(container);
        throw error;
      }
      return mine.map(({ port, hostIp, hostPort }) => ({ port, hostIp, hostPort }));
    },
    /** What comes to these ports in spite of the firewall goes to the container, too. */
    lead(container: string, endpoint: EndpointNow): void {
      for (const { port, hostIp, held } of holds.get(container) ?? []) {
        const address = hostIp.includes(":") && endpoint.ipv6 !== "" ? endpoint.ipv6 : endpoint.ipv4;
        held?.lead({ address: address === "" ? endpoint.ipv6 : address, port: Number.parseInt(port, 10) });
      }
    },
    close,
    closeAll: async () => {
      await Promise.all([...holds.keys()].map(close));
    },
  };
}

async function bind(protocol: string, ip: string, port: number): Promise<HeldPort | undefined> {
  if (protocol === "tcp") return holdTcpPort(ip, port);
  if (protocol === "udp") return holdUdpPort(ip, port);
  return undefined;
}

function bindFault(error: unknown, protocol: string, place: string, ip: string): AppError {
  const network = `${protocol}${ip.includes(":") ? "6" : "4"}`;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const words =
    { EADDRINUSE: "address already in use", EADDRNOTAVAIL: "cannot assign requested address" }[code] ?? code;
  return new AppError(
    code === "EADDRINUSE" ? "port-taken" : "engine-failed",
    `listen ${network} ${place}: bind: ${words}`,
    { cause: error },
  );
}
