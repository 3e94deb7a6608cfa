import { test } from "node:test";
import { startGuardedRegistry } from "./harness/guarded-registry.ts";
import { buildahIn } from "./harness/image-tool.ts";
import { tellOfPeople, tellOfSecrets } from "./harness/sign-in-story.ts";
import { storeClient } from "./harness/store-client.ts";
import { makeIssuer } from "./harness/workload-issuer.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

test("buildah signs in, and may what its user may", needs("buildah"), async () => {
  await using work = workplace();
  await using registry = await startGuardedRegistry(work);
  await tellOfPeople(await buildahClient(work, registry.host), registry);
});

test(
  "buildah signs in with robots' secrets, personal tokens and jobs' tokens",
  needs("buildah"),
  async () => {
    await using work = workplace();
    const issuer = makeIssuer(work);
    await using registry = await startGuardedRegistry(work, issuer.auth);
    await tellOfSecrets(await buildahClient(work, registry.host), registry, issuer);
  },
);

function buildahClient(work: Workplace, host: string) {
  const buildah = buildahIn(work);
  let checks = 0;
  return storeClient(work, host, buildah, async (id) => {
    const name = `check-${checks++}`;
    await buildah("from", "--name", name, id);
    return (await buildah("mount", name)).trim();
  });
}
