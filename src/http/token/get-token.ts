import type { Context } from "#http/edge/context.ts";
import { parseBasic } from "#http/edge/basic.ts";
import { AppError } from "#core/errors.ts";
import { checkService, only } from "./parameters.ts";
import type { TokenNeeds } from "./needs.ts";
import { sendToken } from "./send-token.ts";

/** GET /token with Basic credentials, or without any for an anonymous token. */
export async function getToken(ctx: Context, needs: TokenNeeds): Promise<void> {
  const query = new URLSearchParams(ctx.querystring);
  checkService(query, needs.service);
  await sendToken(ctx, needs, {
    proof: proofOf(ctx.req.headers.authorization),
    scopes: query.getAll("scope"),
    offline: only(query, "offline_token") === "true" ? (only(query, "client_id") ?? "") : undefined,
  });
}

function proofOf(authorization: string | undefined) {
  if (authorization === undefined) return { kind: "none" } as const;
  const [, value] = /^basic +(\S+) *$/i.exec(authorization) ?? [];
  const basic = value === undefined ? undefined : parseBasic(value);
  if (basic === undefined)
    throw new AppError("unauthenticated", "the Authorization header has no name and password (Basic)");
  return { kind: "password", ...basic } as const;
}
