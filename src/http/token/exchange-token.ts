import type { Context } from "#http/edge/context.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import { requestBody, wholeBody } from "#http/edge/request-body.ts";
import { AppError } from "#core/errors.ts";
import { checkService, needed, only } from "./parameters.ts";
import type { TokenNeeds } from "./needs.ts";
import { sendToken } from "./send-token.ts";

const longestBody = 64 * 1024;
const tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const subjectTypes = ["urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token"];

/** POST /token: OAuth 2 grants (RFC 6749 sections 4.3 and 6; RFC 8693 for tokens of workloads). */
export async function exchangeToken(ctx: Context, needs: TokenNeeds): Promise<void> {
  const form = await readForm(ctx, needs.bodyIdle);
  checkService(form, needs.service);
  const offline = only(form, "access_type") === "offline";
  await sendToken(ctx, needs, {
    proof: proofOf(form),
    scopes: form.getAll("scope"),
    offline: offline ? (only(form, "client_id") ?? "") : undefined,
  });
}

async function readForm(ctx: Context, idle: number): Promise<URLSearchParams> {
  const [type = ""] = (ctx.req.headers["content-type"] ?? "").split(";", 1);
  if (type.trim().toLowerCase() !== "application/x-www-form-urlencoded")
    throw new AppError("grant-invalid", "the body must be application/x-www-form-urlencoded");
  const body = await wholeBody(
    requestBody(ctx.req, idle, exchangeOf(ctx)),
    longestBody,
    () => new AppError("manifest-too-large", `the body is larger than ${longestBody / 1024} KiB`),
  );
  return new URLSearchParams(body.toString("utf8"));
}

function proofOf(form: URLSearchParams) {
  const grant = needed(form, "grant_type");
  switch (grant) {
    case "password":
      return { kind: "password", name: needed(form, "username"), secret: needed(form, "password") } as const;
    case "refresh_token":
      return { kind: "refresh", token: needed(form, "refresh_token") } as const;
    case tokenExchange: {
      const type = only(form, "subject_token_type");
      if (type !== undefined && !subjectTypes.includes(type))
        throw new AppError("grant-invalid", `subject_token_type must be one of ${subjectTypes.join(", ")}`);
      return { kind: "workload", token: needed(form, "subject_token") } as const;
    }
    default:
      throw new AppError(
        "unsupported",
        `this grant_type is not supported: password, refresh_token and ${tokenExchange} are`,
      );
  }
}
