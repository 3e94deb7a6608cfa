import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { join } from "node:path";
import type { Right } from "#core/caller.ts";
import { registryClient, type RegistryClient } from "./registry-client.ts";

/** Somebody with a name and what proves it: a password, a robot's secret, a personal token. */
export interface Person {
  name: string;
  secret: string;
}

export interface TokenAnswer {
  token: string;
  scope: string;
  expires_in: number;
  refresh_token?: string;
}

/**
 * Accounts of a running Berth, made through the control socket of its data folder, and clients that sign in
 * as them. @param where its address and its data folder
 */
export type AccountDesk = ReturnType<typeof accountDesk>;

export function accountDesk(where: { readonly url: string; readonly data: string }) {
  /** The accounts' API as the operator at the machine. Gives the JSON of the answer. */
  // What came as JSON, for tests to look into.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async function manage(method: string, path: string, body?: unknown): Promise<any> {
    const text = body === undefined ? "" : JSON.stringify(body);
    const outgoing = httpRequest({
      socketPath: join(where.data, "control.sock"),
      method,
      path: `/api/v1${path}`,
      headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text) },
      agent: false,
      signal: AbortSignal.timeout(20_000),
    });
    outgoing.end(text);
    const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    const answer = (await buffer(incoming)).toString("utf8");
    assert.ok((incoming.statusCode ?? 0) < 300, `${method} ${path} → ${incoming.statusCode} ${answer}`);
    return answer === "" ? undefined : JSON.parse(answer);
  }

  const basicOf = ({ name, secret }: Person) =>
    `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}`;

  /** A client that sends this Authorization with everything; undefined: none. */
  function withHeader(authorization: string | undefined): RegistryClient {
    return registryClient(where.url, {}, authorization === undefined ? {} : { authorization });
  }

  /** The whole answer of GET /token; undefined: anonymous. */
  async function askToken(who: Person | undefined, scopes: string[], query = ""): Promise<TokenAnswer> {
    const parameters = scopes.map((scope) => `scope=${encodeURIComponent(scope)}`).concat(query);
    const path = `/token?${parameters.filter((each) => each !== "").join("&")}`;
    const answer = await withHeader(who && basicOf(who)).get(path);
    assert.equal(answer.status, 200, answer.body.toString("utf8"));
    return JSON.parse(answer.body.toString("utf8")) as TokenAnswer;
  }

  return {
    url: where.url,
    data: where.data,
    manage,
    basicOf,
    withHeader,
    askToken,

    async addUser(name: string, more: { admin?: boolean } = {}): Promise<Person> {
      const secret = `password-of-${name}`;
      await manage("POST", "/users", { name, password: secret, ...more });
      return { name, secret };
    },
    async addRobot(name: string, rights: Right[] = []): Promise<Person> {
      const { secret } = (await manage("POST", "/robots", { name, rights })) as { secret: string };
      return { name, secret };
    },
    async addGroup(name: string, ...members: Person[]): Promise<void> {
      await manage("POST", "/groups", { name });
      for (const member of members) await manage("PUT", `/groups/${name}/members/${member.name}`);
    },
    /** A personal token, and the id by which it is removed. */
    async addPersonal(user: Person, limits?: Right[]): Promise<Person & { id: number }> {
      const body = { label: "for a test", ...(limits === undefined ? {} : { limits }) };
      const { id, secret } = (await manage("POST", `/users/${user.name}/tokens`, body)) as {
        id: number;
        secret: string;
      };
      return { name: user.name, secret, id };
    },

    /** Basic straight on everything; undefined: no credentials. */
    as: (who: Person | undefined): RegistryClient => withHeader(who && basicOf(who)),
    /** An access token for these scopes; undefined: an anonymous one. */
    token: async (who: Person | undefined, ...scopes: string[]): Promise<string> =>
      (await askToken(who, scopes)).token,
    bearer: (token: string): RegistryClient => withHeader(`Bearer ${token}`),
    /** POST /token. */
    exchange: (form: Record<string, string>) =>
      withHeader(undefined).request("POST", "/token", {
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(form).toString(),
      }),
  };
}
