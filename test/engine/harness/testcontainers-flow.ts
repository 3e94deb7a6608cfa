/** What people do with testcontainers, run where the published ports are: in the engine's own host. */
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { GenericContainer, Network, Wait } from "testcontainers";

const image = "busybox:latest";

await using network = await new Network().start();
await using web = await new GenericContainer(image)
  .withCommand(["httpd", "-f", "-p", "80", "-h", "/www"])
  .withCopyContentToContainer([{ content: "a page", target: "/www/page" }])
  .withEnvironment({ GREETING: "hello" })
  .withLabels({ made: "here" })
  .withExposedPorts(80)
  .withNetwork(network)
  .withNetworkAliases("site")
  .withWaitStrategy(Wait.forHttp("/page", 80))
  .start();
const url = `http://${web.getHost()}:${web.getMappedPort(80)}/page`;
assert.equal(await (await fetch(url)).text(), "a page");

const inside = await web.exec(["sh", "-c", "echo $GREETING; exit 5"]);
assert.deepEqual([inside.exitCode, inside.output.trim()], [5, "hello"]);

await using other = await new GenericContainer(image)
  .withCommand(["sh", "-c", "echo it is ready; sleep 1000"])
  .withNetwork(network)
  .withWaitStrategy(Wait.forLogMessage("it is ready"))
  .start();
const got = await other.exec(["wget", "-qO-", "http://site/page"]);
assert.equal(got.output, "a page");

await other.copyContentToContainer([{ content: "sent", target: "/tmp/sent" }]);
assert.match(await text(await other.copyArchiveFromContainer("/tmp/sent")), /sent/);
const logs = await other.logs();
logs.destroy();

await using well = await new GenericContainer(image)
  .withCommand(["sleep", "1000"])
  .withHealthCheck({
    test: ["CMD-SHELL", "test -d /tmp"],
    interval: 200,
    timeout: 1_000,
    retries: 5,
    startPeriod: 0,
  })
  .withTmpFs({ "/scratch": "rw,size=1m" })
  .withWaitStrategy(Wait.forHealthCheck())
  .start();
await well.restart({ timeout: 1_000 });
assert.equal((await well.exec(["true"])).exitCode, 0);
process.stdout.write("all steps done\n");
