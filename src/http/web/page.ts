import type { Context } from "#http/edge/context.ts";
import { answerError } from "#http/edge/answer-error.ts";
import { entityTag, noneMatch } from "#http/edge/conditions.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import type { PageFile, PageFiles } from "./needs.ts";
import { setStrictHeaders } from "./strict-headers.ts";

/** Places within the page: its script shows what the address says. Everything else is other doors'. */
const places = /^\/(?:$|(?:r|usage|activity|upstreams|health|containers|removed|account|sign-in)(?:\/|$))/;
/** A file whose name changes with its content. */
const hashed = /^assets\/.+-[A-Za-z0-9_-]{6,}\.[a-z0-9]+$/;
const notBuilt = [
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>Berth</title>',
  "<h1>Berth serves, but its web page isn't built</h1>",
  "<p>This copy runs from its sources. Build the page with <code>npm run build</code> and start it again.</p>",
  "<p>The registry's API begins at <code>/v2/</code>.</p></html>\n",
].join("\n");

/** Sends the page, or one of its files. False: the path is none of it. */
export async function sendPage(ctx: Context, files: PageFiles | undefined): Promise<boolean> {
  // What only proxies send (RFC 9112 section 3.2.2) is nobody's look at the page.
  if (ctx.req.url?.startsWith("/") !== true) return false;
  const place = places.test(ctx.path);
  // Only ever looked up among the files that were built: no path leads out of them.
  const path = place ? "index.html" : ctx.path.slice(1);
  const file = files?.find(path);
  if (!place && (file === undefined || path === "index.html") && !ctx.path.startsWith("/assets/"))
    return false;
  exchangeOf(ctx).route = "page";
  setStrictHeaders(ctx);
  if (ctx.method !== "GET" && ctx.method !== "HEAD") {
    ctx.set("Allow", "GET, HEAD");
    answerError(ctx, 405, "UNSUPPORTED", `${ctx.method} is not supported here: GET, HEAD are`);
  } else if (file !== undefined) await sendFile(ctx, path, file);
  else if (place) {
    ctx.set("Cache-Control", "no-store");
    ctx.type = "html";
    ctx.body = notBuilt;
  } else answerError(ctx, 404, "NOT_FOUND", "the page has no such file: load it again");
  return true;
}

async function sendFile(ctx: Context, path: string, file: PageFile): Promise<void> {
  // The shorter one first: browsers name them in an order that means nothing.
  const encoding = (["br", "gzip"] as const).find((each) => ctx.acceptsEncodings(each) === each);
  const packed = encoding === undefined ? undefined : await file.bytes(encoding);
  const tag = entityTag(packed === undefined ? file.hash : `${file.hash}-${encoding}`);
  ctx.set("Cache-Control", hashed.test(path) ? "public, max-age=31536000, immutable" : "no-cache");
  ctx.set("ETag", tag);
  ctx.set("Vary", "Accept-Encoding");
  if (noneMatch(ctx.req.headers["if-none-match"], tag)) {
    ctx.status = 304;
    return;
  }
  ctx.set("Content-Type", file.contentType);
  if (packed !== undefined) ctx.set("Content-Encoding", encoding ?? "");
  ctx.body = Buffer.from(packed ?? (await file.bytes("identity")));
}
