/** The web framework's and Node's words for doors, which import neither. */
export type { Context, Middleware } from "koa";
export type { IncomingMessage } from "node:http";
