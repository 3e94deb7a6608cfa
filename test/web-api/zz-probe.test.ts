import { test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import { registryClient, oci, digestOf } from "../harness/registry-client.ts";
import { pageClient } from "./page-client.ts";

test("html manifest", async () => {
  await using berth = await startBerth();
  const c = registryClient(berth.url);
  const image = oci.image({ annotations: { x: "<script>alert(1)</script>" } });
  await c.push("a/b", image, "v1");
  for (const type of ["text/html", "image/svg+xml", "application/xhtml+xml", "application/vnd.oci.image.manifest.v1+json; charset=utf-8", "text/html; application/vnd.oci.image.manifest.v1+json"]) {
    const m = JSON.parse(image.bytes.toString()); delete m.mediaType; 
    const r = await c.request("PUT", "/v2/a/b/manifests/h", { headers: { "content-type": type }, body: Buffer.from(JSON.stringify(m)) });
    console.log(type, r.status, r.body.toString());
    const g = await c.request("GET", "/v2/a/b/manifests/h"); console.log(g.status, g.headers.get("content-type"), g.headers.get("x-content-type-options"));
  }
  const b = await c.request("GET", `/v2/a/b/blobs/${image.blobs[0]!.digest}`); console.log(b.status, b.headers.get("content-type"), b.headers.get("x-content-type-options"));
});
for (const garbage of [true, false])
test("cpu of a page of tags, garbage config: " + garbage, async () => {
  await using berth = await startBerth();
  const c = registryClient(berth.url);
  const config = Buffer.alloc(256 * 1024 - 1, garbage ? "x" : " "); if (!garbage) config.write(JSON.stringify({architecture:"amd64",os:"linux",rootfs:{type:"layers",diff_ids:[]},history:[]}));
  const children = [] as any[];
  for (let i = 0; i < 100; i++) { const im = oci.image({ config, layers: [], annotations: { i: String(i) } }); await c.push("a/b", im); children.push(im); }
  for (let i = 0; i < 60; i++) { const ix = oci.index({ manifests: children, annotations: { i: String(i) } } as any); await c.push("a/b", ix, `t${i}`); }
  const page = pageClient(berth.url);
  for (let k = 0; k < 2; k++) {
    const t = performance.now(); const r = await page.get("/tags?repository=a/b&n=200"); console.log("tags", garbage, r.status, r.json.items.length, performance.now() - t, "ms");
  }
});
test("big indexes", async () => {
  await using berth = await startBerth();
  const c = registryClient(berth.url);
  const child = oci.image(); await c.push("a/b", child);
  for (let i = 0; i < 30; i++) { const ix = oci.index({ manifests: Array.from({length: 1}, () => child), annotations: { i: String(i), big: "y".repeat(900_000) } } as any); await c.push("a/b", ix, `t${i}`); }
  const many = oci.index({ manifests: Array.from({length: 4000}, () => child), annotations: {} } as any); await c.push("a/b", many, `zz`);
  const page = pageClient(berth.url);
  for (let k = 0; k < 2; k++) { const t = performance.now(); const r = await page.get("/tags?repository=a/b&n=200"); console.log("tags", r.status, r.json.items.length, performance.now() - t, "ms"); 
   const t2 = performance.now(); const r2 = await page.get("/manifest?repository=a/b&reference=zz"); console.log("manifest", r2.status, r2.text.length, performance.now() - t2, "ms"); }
});
test("referrers with much", async () => {
  await using berth = await startBerth();
  const c = registryClient(berth.url);
  const subject = oci.image(); await c.push("a/b", subject, "v1");
  for (let i = 0; i < 40; i++) { const ar = oci.image({ subject, annotations: { i: String(i), big: "y".repeat(3_900_000) } } as any); const r = await c.push("a/b", ar).catch(e => console.log(String(e).slice(0,200))); }
  const page = pageClient(berth.url);
  const before = process.memoryUsage().rss;
  const t = performance.now(); const r = await page.get("/manifest?repository=a/b&reference=v1"); console.log("manifest", r.status, r.text.length, r.json?.referrers.length, performance.now() - t, "ms", (process.memoryUsage().rss - before) / 1e6, "MB");
});
