import assert from "node:assert/strict";
import { passwordOf, type GuardedRegistry, type Person } from "./guarded-registry.ts";
import type { WorkloadIssuer } from "./workload-issuer.ts";

/** A client as the stories drive it. Everything rejects with what the client printed when it fails. */
export interface SigningClient {
  login(name: string, secret: string): Promise<unknown>;
  logout(): Promise<unknown>;
  /** Pushes one of two images (or charts) to `HOST/REPOSITORY:TAG`. */
  push(name: string, which: "one" | "other"): Promise<unknown>;
  /** Pulls it anew, and checks that it is the one. */
  pull(name: string): Promise<unknown>;
  /** What the client says when the registry refuses with 403, if it doesn't show the registry's words. */
  refused?: RegExp;
  /** What it says when it isn't signed in and pushes, if it loses the registry's answer. */
  brokenOff?: RegExp;
}

export interface StoryPlaces {
  /** Everybody may pull. */
  open: string;
  /** For reader, pusher and owner. */
  closed: string;
}

const unknown =
  /unauthorized|authentication required|authorization failed|may require 'docker login'|401|wrong name or password|(invalid|incorrect) username/i;

/** Right and wrong passwords, anonymous pulls, and what each person may and may not. */
export async function tellOfPeople(
  client: SigningClient,
  registry: GuardedRegistry,
  { open, closed }: StoryPlaces = { open: "public/app", closed: "team/app" },
): Promise<void> {
  const { host } = registry;
  const [publicApp, teamApp] = [`${host}/${open}`, `${host}/${closed}`];
  const as = (person: Person) => client.login(person, passwordOf(person));
  await assert.rejects(async () => {
    await client.login("owner", "wrong");
    await client.push(`${teamApp}:1.0.0`, "one");
  }, unknown);

  await as("owner");
  await client.push(`${teamApp}:1.0.0`, "one");
  await client.push(`${publicApp}:1.0.0`, "one");
  await client.logout();

  await client.pull(`${publicApp}:1.0.0`);
  await assert.rejects(client.pull(`${teamApp}:1.0.0`), unknown);
  await assert.rejects(client.push(`${publicApp}:2.0.0`, "one"), client.brokenOff ?? unknown);
  assert.equal(await registry.status(`${open}/manifests/2.0.0`), 404);

  await as("reader");
  await client.pull(`${teamApp}:1.0.0`);
  await assert.rejects(
    client.push(`${teamApp}:2.0.0`, "one"),
    client.refused ?? new RegExp(`reader may not push to ${closed}`),
  );
  await client.logout();

  await as("pusher");
  await client.push(`${teamApp}:2.0.0`, "one");
  await client.push(`${teamApp}:2.0.0`, "one");
  await assert.rejects(
    client.push(`${teamApp}:1.0.0`, "other"),
    client.refused ?? new RegExp(`tag 1\\.0\\.0 of ${closed} is there already, and pusher may not move it`),
  );
  await client.logout();

  await as("stranger");
  await client.pull(`${publicApp}:1.0.0`);
  await assert.rejects(
    client.pull(`${teamApp}:1.0.0`),
    client.refused ?? new RegExp(`stranger may not pull from ${closed}`),
  );
  await client.logout();

  await as("owner");
  await client.push(`${teamApp}:1.0.0`, "other");
  await client.logout();
}

/** What stands in for a password: a robot's secret, a personal token, the token of a CI job. */
export async function tellOfSecrets(
  client: SigningClient,
  registry: GuardedRegistry,
  issuer: WorkloadIssuer,
  { open, closed }: StoryPlaces = { open: "public/app", closed: "team/app" },
): Promise<void> {
  const [publicApp, teamApp] = [`${registry.host}/${open}`, `${registry.host}/${closed}`];
  const [top] = closed.split("/");
  const secretOf = async (...args: string[]) =>
    (JSON.parse(await registry.berth([...args, "--json"])) as { secret: string }).secret;

  const robot = await secretOf("robot", "add", "builder", "--allow", `${top}/**:pull,push`);
  await client.login("builder", robot);
  await client.push(`${teamApp}:1.0.0`, "one");
  await assert.rejects(
    client.push(`${publicApp}:1.0.0`, "one"),
    client.refused ?? new RegExp(`builder may not push to ${open}`),
  );
  await client.logout();
  await registry.berth(["robot", "secret", "builder"]);
  await assert.rejects(async () => {
    await client.login("builder", robot);
    await client.pull(`${teamApp}:1.0.0`);
  }, unknown);

  const token = await secretOf("token", "add", "owner", "--label", "laptop", "--allow", `${top}/**:pull`);
  await client.login("owner", token);
  await client.pull(`${teamApp}:1.0.0`);
  await assert.rejects(
    client.push(`${teamApp}:2.0.0`, "one"),
    client.refused ?? new RegExp(`owner may not push to ${closed}`),
  );
  await client.logout();

  await client.login("ci", issuer.token({ repository: "acme/app" }));
  await client.push(`${teamApp}:3.0.0`, "one");
  await client.pull(`${teamApp}:3.0.0`);
  await client.logout();
  await assert.rejects(async () => {
    await client.login("ci", issuer.token({ repository: "evil/app" }));
    await client.pull(`${teamApp}:3.0.0`);
  }, unknown);
}
