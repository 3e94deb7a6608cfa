import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { onFakeHost } from "./harness/fake-host.ts";
import { networked } from "./harness/networked.ts";

const standard = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
ff00::0\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
`;

onFakeHost(import.meta.url, (test) => {
  test("hosts and resolv.conf are docker's: extra hosts, the host's gateway, name servers, search, options", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    const { record } = await host.run(
      "web",
      {
        ExtraHosts: ["db:10.0.0.7", "outside:host-gateway", "six:fd00::7"],
        Dns: ["192.0.2.53"],
        DnsSearch: ["example.test"],
        DnsOptions: ["timeout:2"],
      },
      {},
      { Hostname: "web", Domainname: "example.test" },
    );
    const files = host.folders.files(record.id);
    assert.equal(
      await readFile(files.hosts, "utf8"),
      `${standard}10.0.0.7\tdb\n172.17.0.1\toutside\nfd00::7\tsix\n172.17.0.2\tweb.example.test web\n`,
    );
    assert.equal(
      await readFile(files.resolvConf, "utf8"),
      "nameserver 192.0.2.53\nsearch example.test\noptions timeout:2\n",
    );
    const none = await host.run("none", { NetworkMode: "none" });
    assert.equal((await host.networks.files(none.record)).hosts, standard);
    const own = await host.created("own", { NetworkMode: "host", ExtraHosts: ["db:10.0.0.7"] });
    const { hosts } = await host.folders.hostFiles();
    assert.equal((await host.networks.files(own)).hosts, `${hosts.replace(/\n+$/, "")}\n10.0.0.7\tdb\n`);
    for (const one of [record, none.record]) await host.stopped(one);
  });

  test("links of the default bridge are in hosts and in the environment, and follow a restart", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    const db = await host.run(
      "db",
      {},
      {},
      { ExposedPorts: { "5432/tcp": {} }, Env: ["PATH=/bin", "USER=x"], Hostname: "dbhost" },
    );
    const web = await host.run("web", { Links: ["db:store"] });
    const hosts = () => readFile(host.folders.files(web.record.id).hosts, "utf8");
    assert.match(await hosts(), /^172\.17\.0\.2\tstore dbhost db$/m);
    assert.deepEqual(host.networks.environment(web.record), [
      "STORE_PORT=tcp://172.17.0.2:5432",
      "STORE_NAME=/web/store",
      "STORE_PORT_5432_TCP=tcp://172.17.0.2:5432",
      "STORE_PORT_5432_TCP_ADDR=172.17.0.2",
      "STORE_PORT_5432_TCP_PORT=5432",
      "STORE_PORT_5432_TCP_PROTO=tcp",
      "STORE_ENV_USER=x",
    ]);
    await host.stopped(db.record);
    const late = await host.created("late", { Links: ["db"] });
    await assert.rejects(host.started(late), {
      code: "engine-failed",
      message: "Cannot link to a non running container: /db AS /late/db",
    });
    const other = await host.run("other");
    assert.equal(other.record.endpoints.bridge?.now?.ipv4, "172.17.0.2");
    await host.started(db.record);
    assert.match(await hosts(), /^172\.17\.0\.4\tstore dbhost db$/m);
    for (const one of [db, web, other]) await host.stopped(one.record);
  });
});
