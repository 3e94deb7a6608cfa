import { AppError } from "#core/errors.ts";
import type { Dialling } from "./dialling.ts";
import { hostnameOf, namesHost } from "./hosts.ts";
import { failed, type Asked } from "./network-fault.ts";
import type { UpstreamParts } from "./upstream-parts.ts";

/**
 * The token server that a challenge names, if it may be asked: the upstream's own origin, or one of `realms`. Any
 * other one was made up by who answers there, and would be given the credentials (CVE-2026-33540); a sub-domain is
 * another one, too. Without TLS: the upstream's own origin, or a host that `realms` names by its IP or as localhost.
 * Throws upstream-refused.
 */
export function checkedRealm(
  realm: string,
  {
    own,
    realms,
    dialling,
  }: { own: URL; realms: UpstreamParts["realms"]; dialling: Pick<Dialling, "goesByProxy"> },
  asked: Asked,
): URL {
  const { upstream, what } = asked;
  if (!URL.canParse(realm)) throw failed(asked, "it names a token server by no URL");
  const url = new URL(realm);
  const no = (words: string) =>
    new AppError("upstream-refused", `${upstream} wants a token of ${url.host} for ${what}. ${words}`, {
      subject: what,
    });
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw failed(asked, `it names a ${url.protocol.slice(0, -1)} URL as its token server`);
  url.username = "";
  url.password = "";
  url.hash = "";
  if (url.origin === own.origin) return url;
  if (realms === "any" && (url.protocol === "https:" || own.protocol === "http:")) return url;
  if (realms === "any" || !namesHost(realms, url))
    throw no(
      `That is neither its own host nor among the upstream's realms, so it is not asked, with or without credentials. ` +
        `If ${url.host} is where ${upstream} gives its tokens, add "${url.host}" to realms.`,
    );
  if (url.protocol === "http:" && dialling.goesByProxy(url))
    throw no(`It has no TLS, and lies behind the proxy: add ${hostnameOf(url)} to no_proxy.`);
  return url;
}
