import type { Context } from "#http/edge/context.ts";
import type { Route } from "#http/edge/route.ts";
import { exchangeToken } from "./exchange-token.ts";
import { getToken } from "./get-token.ts";
import type { TokenNeeds } from "./needs.ts";

export interface TokenRoute extends Route {
  handle(ctx: Context, needs: TokenNeeds): Promise<void>;
}

/** The token endpoint. Docker's "Token Authentication" and "OAuth2 Token Authentication". */
export const routes: readonly TokenRoute[] = [
  { method: "GET", path: "/token", name: "token-get", handle: getToken },
  { method: "POST", path: "/token", name: "token-post", handle: exchangeToken },
  {
    method: "GET",
    path: "/token/jwks.json",
    name: "token-keys",
    async handle(ctx, { tokens }) {
      ctx.set("Content-Type", "application/jwk-set+json");
      ctx.set("Cache-Control", "public, max-age=60");
      ctx.body = JSON.stringify(await tokens.jwks());
    },
  },
];
