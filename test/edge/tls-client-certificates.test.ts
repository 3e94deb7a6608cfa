import assert from "node:assert/strict";
import { test } from "node:test";
import { needs } from "../clients/needs.ts";
import { makeAuthority, type Authority, type Pair } from "../harness/certificates.ts";
import { expectStatus, registryClient } from "../harness/registry-client.ts";
import { startTlsServer } from "./tls-server.ts";

async function asked(how: "off" | "optional" | "required", clients: Authority, server: Authority) {
  const options = { client_certificates: how, client_ca: clients.file };
  const running = await startTlsServer(server, server.issue("server"), options);
  const get = (pair?: Pair) => {
    const own = pair === undefined ? {} : { cert: pair.cert, key: pair.keyText };
    return registryClient(running.url, { ca: server.ca, ...own }).get("/");
  };
  return Object.assign(running, { get });
}

test("required: only a certificate of the client CA gets in", needs("openssl"), async () => {
  using clients = makeAuthority("Clients");
  using server = makeAuthority("Servers");
  await using running = await asked("required", clients, server);
  expectStatus(await running.get(clients.issue("ci")), 200);
  await assert.rejects(running.get());
  await assert.rejects(running.get(server.issue("stranger")));
});

test("optional: none is fine, a wrong one is refused", needs("openssl"), async () => {
  using clients = makeAuthority("Clients");
  using server = makeAuthority("Servers");
  await using running = await asked("optional", clients, server);
  expectStatus(await running.get(), 200);
  expectStatus(await running.get(clients.issue("ci")), 200);
  await assert.rejects(running.get(server.issue("stranger")));
});

test("off: nobody is asked", needs("openssl"), async () => {
  using clients = makeAuthority("Clients");
  using server = makeAuthority("Servers");
  await using running = await asked("off", clients, server);
  expectStatus(await running.get(), 200);
  expectStatus(await running.get(server.issue("stranger")), 200);
});
