import type { Config } from "./config.ts";
import { formatListenAddress, isLoopback } from "./listen-address.ts";

/**
 * Without an `auth` section everyone who reaches the server may push to it, so only this machine may reach
 * it. The message for a configuration that breaks this, with the lines to add; undefined when it is kept.
 */
export function loopbackFault({ listen, auth }: Pick<Config, "listen" | "auth">): string | undefined {
  const open = listen.filter((address) => !isLoopback(address));
  if (auth !== undefined || open.length === 0) return undefined;
  const one = open.length === 1;
  return [
    `${open.map(formatListenAddress).join(", ")} can be reached from other machines, and there is no auth section.`,
    `Everyone who can reach ${one ? "it" : "them"} may then pull, push and delete. If that is what you want, add:`,
    "",
    "auth:",
    "  mode: none",
    "",
    "(or set BERTH_AUTH_MODE=none); otherwise listen on 127.0.0.1:5000 and put a proxy that asks for a password before it.",
  ].join("\n");
}
