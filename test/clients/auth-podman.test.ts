import { test } from "node:test";
import { startGuardedRegistry } from "./harness/guarded-registry.ts";
import { podmanIn } from "./harness/image-tool.ts";
import { tellOfPeople, tellOfSecrets } from "./harness/sign-in-story.ts";
import { storeClient } from "./harness/store-client.ts";
import { makeIssuer } from "./harness/workload-issuer.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

test("podman signs in, and may what its user may", needs("podman"), async () => {
  await using work = workplace();
  await using registry = await startGuardedRegistry(work);
  await tellOfPeople(await podmanClient(work, registry.host), registry);
});

test("podman signs in with robots' secrets, personal tokens and jobs' tokens", needs("podman"), async () => {
  await using work = workplace();
  const issuer = makeIssuer(work);
  await using registry = await startGuardedRegistry(work, issuer.auth);
  await tellOfSecrets(await podmanClient(work, registry.host), registry, issuer);
});

function podmanClient(work: Workplace, host: string) {
  const podman = podmanIn(work);
  return storeClient(work, host, podman, async (id) => (await podman("image", "mount", id)).trim());
}
