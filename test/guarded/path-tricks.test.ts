import assert from "node:assert/strict";
import { test } from "node:test";
import { oci, type Response } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

async function secret() {
  const house = await startGuarded("  rules:\n    - {repositories: 'public/**', who: anonymous, allow: '*'}");
  const admin = await house.addUser("root-user", { admin: true });
  const image = oci.image();
  await house.as(admin).push("alice/app", image, "v1");
  await house.as(admin).push("public/app", oci.image(), "v1");
  return { house, image, bob: await house.addUser("bob") };
}

/** Nothing of the image, no list of tags, and no success. */
function refused(answer: Response, bytes: Buffer) {
  assert.ok([400, 401, 403, 404, 405].includes(answer.status), `${answer.path} → ${answer.status}`);
  assert.ok(!answer.body.includes(bytes), answer.path);
  assert.equal(answer.headers.get("docker-content-digest"), undefined);
}

/** Each spelling of a path that might mean the secret one to somebody. */
function spellings(rest: string): string[] {
  return [
    `/v2/alice/app/${rest}`,
    `//v2/alice/app/${rest}`,
    `/v2//alice/app/${rest}`,
    `/v2/alice//app/${rest}`,
    `/v2/alice/app//${rest}`,
    `/V2/alice/app/${rest}`,
    `/v2/ALICE/app/${rest}`,
    `/v2/alice%2fapp/${rest}`,
    `/v2/alice%2Fapp/${rest}`,
    `/v2/alice%252fapp/${rest}`,
    `/v2%2falice/app/${rest}`,
    `/%76%32/alice/app/${rest}`,
    `/v2/%61lice/app/${rest}`,
    `/v2/alice/app/${rest.replace("/", "%2f")}`,
    `/v2/./alice/app/${rest}`,
    `/v2/public/../alice/app/${rest}`,
    `/v2/public/%2e%2e/alice/app/${rest}`,
    `/v2/public/..%2falice/app/${rest}`,
    `/v2/public/app/../../alice/app/${rest}`,
    `/public/../v2/alice/app/${rest}`,
    `/livez/../v2/alice/app/${rest}`,
    `/token/../v2/alice/app/${rest}`,
    `/v2/alice/app/${rest}/`,
    `/v2/alice/app/${rest};x`,
    `/v2/alice/app/${rest}%00`,
    `/v2/alice/app/${rest}%20`,
    `/v2/alice/app/${rest}#x`,
    `/v2/alice\\app/${rest}`,
    `\\v2/alice/app/${rest}`,
    `/v2/alice/app/public/app/${rest}`,
    `http://127.0.0.1/v2/alice/app/${rest}`,
    `http://registry.example.org/v2/alice/app/${rest}`,
    `HTTPS://x/v2/alice/app/${rest}`,
    `http:///v2/alice/app/${rest}`,
    `http://x//v2/alice/app/${rest}`,
    `ftp://x/v2/alice/app/${rest}`,
    `http://x?/v2/alice/app/${rest}`,
    `//x/v2/alice/app/${rest}`,
    `/v2/alice/app/${rest}?from=public/app`,
    `/v2/alice/app/${rest}?repository=public/app&name=public/app`,
  ];
}

type Secret = Awaited<ReturnType<typeof secret>>;

const askers: Record<string, (one: Secret) => string | Promise<string>> = {
  anonymous: () => "",
  "a user without rights": ({ house, bob }) => `Authorization: ${house.basicOf(bob)}\r\n`,
  "a token for another repository": async ({ house }) =>
    `Authorization: Bearer ${await house.token(undefined, "repository:public/app:*")}\r\n`,
};

for (const [who, authorization] of Object.entries(askers))
  test(`no spelling of a path gets ${who} past the guard: GET, HEAD, DELETE`, async () => {
    const one = await secret();
    await using _house = one.house;
    const headers = `Host: x\r\nConnection: close\r\n${await authorization(one)}\r\n`;
    const blob = one.image.blobs[0] ?? { digest: "", bytes: Buffer.alloc(0) };
    for (const [rest, bytes] of [
      ["manifests/v1", one.image.bytes],
      [`manifests/${one.image.digest}`, one.image.bytes],
      [`blobs/${blob.digest}`, blob.bytes],
      ["tags/list", Buffer.from('"v1"')],
    ] as const)
      for (const path of spellings(rest))
        for (const method of ["GET", "HEAD", "DELETE"]) {
          const answer = await one.house.as(undefined).raw(`${method} ${path} HTTP/1.1\r\n${headers}`);
          refused({ ...answer, path: `${method} ${path}` }, bytes);
        }
    const admin = one.house.as({ name: "root-user", secret: "password-of-root-user" });
    assert.equal((await admin.get("/v2/alice/app/manifests/v1")).status, 200, "nothing was deleted");
  });

test("headers that name another method or path change nothing", async () => {
  const { house, image } = await secret();
  await using _house = house;
  for (const headers of [
    { "x-http-method-override": "DELETE" },
    { "x-original-url": "/v2/public/app/manifests/v1" },
    { "x-rewrite-url": "/v2/public/app/manifests/v1" },
    { "x-accel-redirect": "/berth-blobs/" },
    { "x-forwarded-prefix": "/v2/public" },
  ])
    refused(await house.as(undefined).get("/v2/alice/app/manifests/v1", headers), image.bytes);
});

test("HEAD and GET of a refused path have the same status and the same headers", async () => {
  const { house, bob, image } = await secret();
  await using _house = house;
  for (const client of [house.as(undefined), house.as(bob)])
    for (const path of [
      "manifests/v1",
      `blobs/${image.blobs[0]?.digest}`,
      "tags/list",
      `referrers/${image.digest}`,
    ]) {
      const [get, head] = [
        await client.get(`/v2/alice/app/${path}`),
        await client.head(`/v2/alice/app/${path}`),
      ];
      assert.equal(head.status, get.status);
      assert.deepEqual(head.headers.comparable(), get.headers.comparable());
      assert.equal(head.body.length, 0);
    }
});
