import { AppError } from "#core/errors.ts";
import type { Dialling } from "./dialling.ts";
import { drain } from "./drain.ts";
import { sendHop, type Hop, type HopRequest } from "./hop.ts";
import { failed, type Asked } from "./network-fault.ts";

const redirects = new Set([301, 302, 303, 307, 308]);
const mostRedirects = 5;

/**
 * Sends a request to the upstream and goes where it is sent. Authorization goes to the upstream's own origin alone.
 * @param request url: of the upstream, or a place that it named. With a body it isn't sent on elsewhere.
 */
export async function follow(
  dialling: Dialling,
  request: HopRequest & { authorization: string | undefined },
  asked: Asked,
): Promise<Hop> {
  const { origin } = request.url;
  let url = request.url;
  for (let hops = 0; ; hops++) {
    const { authorization } = request;
    const headers =
      authorization !== undefined && url.origin === origin
        ? { ...request.headers, authorization }
        : request.headers;
    const hop = await sendHop(
      { timeout: dialling.timeout, choose: (target) => dialling.forContent(target) },
      { ...request, url, headers },
      asked,
    );
    const { location } = hop.headers;
    if (!redirects.has(hop.status) || location === undefined || request.body !== undefined) return hop;
    await drain(hop.body);
    if (hops === mostRedirects)
      throw failed(asked, `it sends from place to place, more than ${mostRedirects} times`);
    url = nextPlace(url, location, asked);
  }
}

function nextPlace(from: URL, location: string, asked: Asked): URL {
  const { upstream, what } = asked;
  const no = (words: string) =>
    new AppError("upstream-failed", `${upstream} sends for ${what} to ${words}, which is not followed.`, {
      subject: what,
    });
  if (!URL.canParse(location, from.href)) throw no("something that is no URL");
  const to = new URL(location, from);
  if (to.protocol !== "http:" && to.protocol !== "https:") throw no(`a ${to.protocol.slice(0, -1)} URL`);
  if (from.protocol === "https:" && to.protocol === "http:") throw no(`${to.host} without TLS`);
  // A name and password would come from the upstream, not from here.
  to.username = "";
  to.password = "";
  to.hash = "";
  return to;
}
