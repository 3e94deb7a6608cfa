import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { startGuarded, type Guarded } from "../../guarded/guarded.ts";
import type { Person } from "../../harness/accounts.ts";
import type { RegistryClient } from "../../harness/registry-client.ts";
import { startBrowser, type Look } from "./browser.ts";
import { builtPage } from "./built-page.ts";

/** A browser at the page of a real server, whose admin is anna. */
export interface Visit extends AsyncDisposable {
  house: Guarded;
  anna: Person;
  /** Pushes and pulls as anna. */
  registry: RegistryClient;
  page: Page;
  signIn(who: Person): Promise<void>;
  /** The test's last word: the policy was kept, no script failed. */
  assertNoComplaint(): void;
}

/** @param policy as startGuarded takes it */
export async function visit(look: Partial<Look> = {}, policy?: string): Promise<Visit> {
  await builtPage();
  await using stack = new AsyncDisposableStack();
  const house = stack.use(await startGuarded(policy));
  const anna = await house.addUser("anna", { admin: true });
  const browser = stack.use(await startBrowser());
  const { page, complaints } = stack.use(await browser.open(house.url, look));
  const opened = stack.move();
  return {
    house,
    anna,
    registry: house.as(anna),
    page,
    async signIn({ name, secret }) {
      await page.goto("/sign-in");
      await page.getByLabel("Name").fill(name);
      await page.getByLabel("Password").fill(secret);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.locator(".signed-in").getByText(`Signed in as ${name}`).waitFor({ state: "attached" });
      await page.getByRole("heading", { level: 1, name: "Repositories" }).waitFor();
    },
    assertNoComplaint: () => assert.deepEqual(complaints, []),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
