import type { Config } from "./config.ts";
import { formatListenAddress, isLoopback } from "./listen-address.ts";

/**
 * Without an `auth` section everyone who reaches the server may push to it, so only this machine may reach
 * it. The message for a configuration that breaks this, with the lines to add; undefined when it is kept.
 */
export function loopbackFault({
  listen,
  auth,
}: {
  listen: Config["listen"];
  auth: unknown;
}): string | undefined {
  const open = listen.filter((address) => !isLoopback(address));
  if (auth !== undefined || open.length === 0) return undefined;
  const one = open.length === 1;
  return [
    `${open.map(formatListenAddress).join(", ")} can be reached from other machines, and there is no auth section.`,
    `Everyone who can reach ${one ? "it" : "them"} could then pull, push and delete. Ask for passwords:`,
    "",
    "auth:",
    "  mode: token",
    "",
    "(or set BERTH_AUTH_MODE=token; then add somebody: berth user add --admin NAME). Or listen on 127.0.0.1:5000;",
    'or, if everybody shall be able to do everything, write "mode: none".',
  ].join("\n");
}
