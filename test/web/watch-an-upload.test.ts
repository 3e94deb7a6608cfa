import assert from "node:assert/strict";
import { test } from "node:test";
import { freshBytes } from "../harness/registry-content.ts";
import { needsBrowser } from "./harness/browser.ts";
import { visit } from "./harness/visit.ts";

test("an upload is seen as its bytes come, and goes when it ends", needsBrowser(), async () => {
  await using at = await visit();
  const { page, registry } = at;
  await at.signIn(at.anna);
  await page.getByRole("link", { name: "Activity" }).click();
  await page.getByText("Nothing is being uploaded.").waitFor();

  const session = await registry.startUpload("team/slow");
  const { request, response } = registry.begin("PATCH", session, {
    headers: { "content-type": "application/octet-stream", "transfer-encoding": "chunked" },
    timeout: 120_000,
  });
  const received = page
    .getByRole("table", { name: "Uploads" })
    .getByRole("row")
    .filter({ hasText: "team/slow" });
  request.write(freshBytes(2_000_000));
  await received.getByText("2.00 MB").waitFor();
  request.write(freshBytes(3_000_000));
  await received.getByText("5.00 MB").waitFor();
  request.end();
  const { statusCode, headers } = await response;
  assert.equal(statusCode, 202);
  assert.equal((await registry.remove(String(headers.location))).status, 204);
  await page.getByText("Nothing is being uploaded.").waitFor();
  at.assertNoComplaint();
});
