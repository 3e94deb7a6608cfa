import type { Context } from "#http/edge/context.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import type { TokenNeeds } from "./needs.ts";

type Asked = Omit<Parameters<TokenNeeds["tokens"]["issue"]>[0], "address" | "request">;

/** Issues what was asked for, and writes the answer of both methods: GET's members and OAuth 2's. */
export async function sendToken(ctx: Context, { tokens, client }: TokenNeeds, asked: Asked): Promise<void> {
  const exchange = exchangeOf(ctx);
  const issued = await tokens.issue({ ...asked, address: client(ctx.req), request: exchange.id });
  exchange.caller = issued.name;
  const { token, expiresIn, issuedAt, scope, refreshToken } = issued;
  ctx.set("Content-Type", "application/json");
  ctx.body = JSON.stringify({
    token,
    access_token: token,
    token_type: "Bearer",
    ...(asked.proof.kind === "workload"
      ? { issued_token_type: "urn:ietf:params:oauth:token-type:access_token" }
      : {}),
    expires_in: expiresIn,
    issued_at: new Date(issuedAt).toISOString(),
    scope,
    refresh_token: refreshToken,
  });
}
