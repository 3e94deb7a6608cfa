/** Rules between the keys of `upstreams`, and between them and the rest of the file. */
import type { ListenAddress } from "./config.ts";
import { isLoopback } from "./listen-address.ts";
import type { ReadUpstream } from "./upstreams-schema.ts";

/** What is wrong, and where: the keys below `upstreams`. */
export interface UpstreamFault {
  inside: readonly PropertyKey[];
  message: string;
}

/** All rules about upstreams themselves. */
export function upstreamFaults(upstreams: readonly ReadUpstream[]): UpstreamFault[] {
  return [
    ...nameFaults(upstreams),
    ...upstreams.flatMap(credentialFaults),
    ...upstreams.flatMap(plainFaults),
    ...upstreams.flatMap(pinnedFaults),
  ];
}

/** Pins are its own names: with its name here before them they would match nothing. */
function pinnedFaults({ name, pinned }: ReadUpstream, index: number): UpstreamFault[] {
  const wrong = pinned.find((one) => one.startsWith(`${name}/`));
  const message = `${wrong} begins with the upstream's name here: write ${wrong?.slice(name.length + 1)}`;
  return wrong === undefined ? [] : [{ inside: [index, "pinned"], message }];
}

/** `ns` names one upstream or none. */
function nameFaults(upstreams: readonly ReadUpstream[]): UpstreamFault[] {
  const faults: UpstreamFault[] = [];
  const owners = new Map<string, number>();
  for (const [index, { name, aliases }] of upstreams.entries())
    for (const one of [name, ...aliases]) {
      const owner = owners.get(one);
      const message = `${one} is a name of upstreams[${owner}] already`;
      if (owner === undefined) owners.set(one, index);
      else if (owner !== index) faults.push({ inside: [index, one === name ? "name" : "aliases"], message });
    }
  return faults;
}

function credentialFaults(upstream: ReadUpstream, index: number): UpstreamFault[] {
  const { username, password, password_file, token, token_file, docker_config } = upstream;
  const faults: UpstreamFault[] = [];
  const add = (key: string, message: string) => faults.push({ inside: [index, key], message });
  const passwords = password !== undefined || password_file !== undefined;
  if (password !== undefined && password_file !== undefined)
    add("password_file", "can't stand together with password: leave one of the two out");
  if (token !== undefined && token_file !== undefined)
    add("token_file", "can't stand together with token: leave one of the two out");
  if (passwords && username === undefined) add("username", "is missing: whose password is it?");
  if (username !== undefined && !passwords)
    add("password_file", `is missing: the file with the password of ${username} (or password)`);
  const ways = [
    username !== undefined || passwords ? "username and password" : "",
    token !== undefined || token_file !== undefined ? "token" : "",
    docker_config !== undefined ? "docker_config" : "",
  ].filter((way) => way !== "");
  if (ways.length > 1)
    faults.push({
      inside: [index],
      message: `has ${ways.join(" and ")}: leave all but one of these ways to sign in out`,
    });
  return faults;
}

/** Whoever is on the way could read the credentials. */
function plainFaults(upstream: ReadUpstream, index: number): UpstreamFault[] {
  const { url, username, password, password_file, token, token_file, docker_config } = upstream;
  const secrets = [username, password, password_file, token, token_file, docker_config];
  const { protocol, hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  const near = isLoopback({ host, port: 0 }) || upstream.allow_addresses.includes(host);
  if (protocol === "https:" || near || secrets.every((secret) => secret === undefined)) return [];
  const message =
    `is plain HTTP, over which everybody on the way could read the credentials: write https://, with the key ca ` +
    `for a certificate of your own. If you trust the way, write the IP address in the url and in allow_addresses`;
  return [{ inside: [index, "url"], message }];
}

/** The rest of the file, as far as mirrors meet it. */
export interface AroundMirrors {
  listen: readonly ListenAddress[];
  metrics: { listen: readonly ListenAddress[] };
  auth?: unknown;
  external_url?: string | undefined;
}

/** An address or host name where unqualified names are an upstream's has no other meaning. */
export function mirrorFaults(upstreams: readonly ReadUpstream[], around: AroundMirrors): UpstreamFault[] {
  const faults: UpstreamFault[] = [];
  const taken = [
    ...around.listen.map((address) => ({ address, where: "listen" })),
    ...around.metrics.listen.map((address) => ({ address, where: "metrics.listen" })),
  ];
  const hosts = new Map<string, string>();
  for (const [index, { name, mirror_listen, mirror_hosts }] of upstreams.entries()) {
    const add = (key: string, message: string) => faults.push({ inside: [index, key], message });
    for (const address of mirror_listen) {
      const other = taken.find((one) => overlap(one.address, address));
      taken.push({ address, where: `upstreams[${index}].mirror_listen` });
      if (other === undefined) continue;
      const [text, otherText] = [addressText(address), addressText(other.address)];
      const same = text === otherText ? "" : `as ${otherText} `;
      add(
        "mirror_listen",
        `${text} stands in ${other.where} already ${same}`.trim() + ": it needs a port of its own",
      );
    }
    const open = around.auth === undefined ? mirror_listen.filter((address) => !isLoopback(address)) : [];
    if (open.length > 0) add("mirror_listen", openMirror(name, open));
    for (const host of mirror_hosts) {
      const other = hosts.get(host);
      hosts.set(host, `upstreams[${index}].mirror_hosts`);
      if (other !== undefined) add("mirror_hosts", `${host} stands in ${other} already`);
      if (isHostOf(around.external_url, host))
        add(
          "mirror_hosts",
          `${host} is the host of external_url, where unqualified names are this registry's own: it needs one of its own`,
        );
    }
  }
  return faults;
}

function openMirror(name: string, open: readonly ListenAddress[]): string {
  return [
    `${open.map(addressText).join(", ")} can be reached from other machines, and there is no auth section.`,
    `Everyone who can reach it could then pull from ${name} through here. Say who may, for example everybody:`,
    "",
    "auth:",
    "  mode: token",
    "policy:",
    `  rules: [{ repositories: "${name}/**", who: anonymous, allow: pull }]`,
    "",
    'Or listen on an address of this machine such as 127.0.0.1:5001; or write "mode: none".',
  ].join("\n");
}

/** Whether a client that reaches the one could mean the other. */
function overlap(one: ListenAddress, other: ListenAddress): boolean {
  if (one.port !== other.port || one.port === 0) return false;
  const all = ({ host }: ListenAddress) => host === "" || host === "::" || host === "0.0.0.0";
  return one.host === other.host || all(one) || all(other);
}

/** With or without TLS it is the same address. */
function addressText({ host, port }: ListenAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** @param host with a port, or for all ports */
function isHostOf(url: string | undefined, host: string): boolean {
  if (url === undefined) return false;
  const { protocol, hostname, port } = new URL(url);
  return host === hostname || host === `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}
