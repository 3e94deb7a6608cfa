import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startRegistry } from "./harness/registry.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

test("helm pushes a chart and pulls the same file after a restart", needs("helm"), async () => {
  await using work = workplace();
  const archive = await packageChart(work, "1.0.0");
  {
    await using registry = await startRegistry(work.folder("registry"));
    await work.run("helm", ["push", archive, `oci://${registry.host}/charts`, "--plain-http"]);
    assert.deepEqual(await registry.tags("charts/pier"), ["1.0.0"]);
  }
  await using registry = await startRegistry(work.folder("registry"));
  const chart = [`oci://${registry.host}/charts/pier`, "--plain-http"];
  await work.run("helm", ["pull", ...chart, "--version", "1.0.0", "-d", work.folder("pulled")]);
  assert.deepEqual(await readFile(join(work.folder("pulled"), "pier-1.0.0.tgz")), await readFile(archive));
});

test("helm finds the newest version of a chart and renders it", needs("helm"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  for (const version of ["1.0.0", "1.2.0", "1.10.0"]) {
    const archive = await packageChart(work, version);
    await work.run("helm", ["push", archive, `oci://${registry.host}/charts`, "--plain-http"]);
  }
  const chart = [`oci://${registry.host}/charts/pier`, "--plain-http"];
  assert.match(await work.run("helm", ["show", "chart", ...chart]), /^version: 1\.10\.0$/m);
  const rendered = await work.run("helm", ["template", "demo", ...chart, "--version", "~1.2"]);
  assert.match(rendered, /name: demo-1\.2\.0/);
});

/** A chart of one template, packaged; the path of the archive. */
async function packageChart(work: Workplace, version: string): Promise<string> {
  const folder = work.folder(join("pier", version));
  await mkdir(join(folder, "templates"));
  await writeFile(join(folder, "Chart.yaml"), `apiVersion: v2\nname: pier\nversion: ${version}\n`);
  await writeFile(
    join(folder, "templates", "map.yaml"),
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-{{ .Chart.Version }}\n",
  );
  await work.run("helm", ["package", folder, "--destination", work.path]);
  return join(work.path, `pier-${version}.tgz`);
}
