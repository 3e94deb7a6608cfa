import type { Upstream } from "#core/upstream.ts";
import { createAsk } from "./ask.ts";
import { createBlobs } from "./blobs.ts";
import { createDialling } from "./dialling.ts";
import { typeSaid } from "./answer-headers.ts";
import { createLimiter } from "./limiter.ts";
import { createManifests } from "./manifests.ts";
import { createReferrers } from "./referrers.ts";
import { createSignIn } from "./sign-in.ts";
import { wrong } from "./status-fault.ts";
import { createTags } from "./tags.ts";
import type { UpstreamParts } from "./upstream-parts.ts";

/**
 * A registry that is asked over HTTP: core's Upstream.
 *
 * Owns: connections and whom they may reach, sign-in, redirects, rate. Never: judges digests, keeps content, sends
 * anything of a client. Flow: ask (limiter → sign-in → follow → hop → dialling) → manifests, blobs, tags, referrers.
 * Disposing ends every connection; what is under way fails.
 */
export function createUpstream(parts: UpstreamParts): Upstream & AsyncDisposable {
  const dialling = createDialling(parts);
  const signIn = createSignIn(parts, dialling);
  const ask = createAsk(parts, {
    dialling,
    signIn,
    limiter: createLimiter({ ...parts.rate, patience: parts.timeout }),
  });
  return {
    name: parts.name,
    ...createManifests(ask),
    ...createBlobs(ask),
    ...createTags(ask),
    ...createReferrers(ask, parts.url),
    async check(signal) {
      const [what, path] = ["anything", "/v2/"];
      // Some refuse a stranger here, and still let him pull what is for everybody.
      const stranger = (await parts.credentials()) === undefined;
      await using answer = await ask({
        ...{ method: "GET", path, repository: "", what, stranger, signal },
        good: (status) => status === 200 || status === 404 || (stranger && status === 401),
      });
      const { status, headers, asked } = answer;
      const page = typeSaid(headers) === "text/html" && status === 200;
      if (status === 404 || page || (status === 401 && !signIn.understands(headers, asked)))
        throw wrong(asked, `${new URL(parts.url).host} is no registry; look at its url`);
    },
    [Symbol.asyncDispose]: () => dialling[Symbol.asyncDispose](),
  };
}
