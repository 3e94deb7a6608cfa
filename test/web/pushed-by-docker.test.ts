import { join } from "node:path";
import { test } from "node:test";
import { writeDockerArchive } from "../clients/harness/docker-archive.ts";
import { startDockerd } from "../clients/harness/dockerd.ts";
import { smallImage } from "../clients/harness/image-content.ts";
import { workplace } from "../clients/harness/workplace.ts";
import { needs } from "../clients/needs.ts";
import { needsBrowser } from "./harness/browser.ts";
import { visit } from "./harness/visit.ts";

const skip = [needs("docker").skip, needsBrowser().skip].filter((reason) => reason !== false).join("; ");

test("what docker pushes is there for who looks, layer by layer", { skip: skip !== "" && skip }, async () => {
  await using work = workplace();
  await using dockerd = await startDockerd(work);
  await using at = await visit();
  const { page, anna } = at;
  const { docker } = dockerd;
  const { host } = new URL(at.house.url);
  const archive = join(work.path, "image.tar");
  writeDockerArchive(archive, `${host}/team/app:v1`, smallImage);
  await docker("load", "--input", archive);
  await docker("login", "--username", anna.name, "--password", anna.secret, host);
  await docker("push", `${host}/team/app:v1`);

  await at.signIn(anna);
  await page.getByRole("link", { name: "team/app" }).click();
  await page.getByRole("link", { name: "v1", exact: true }).click();
  const layers = page.getByRole("table", { name: "Layers" });
  await layers.getByText("300 KB").first().waitFor();
  await page.getByText("3 layers, ").waitFor();
  at.assertNoComplaint();
});
