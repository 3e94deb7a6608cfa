import assert from "node:assert/strict";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import Docker from "dockerode";
import { busyboxArchive } from "./harness/busybox-image.ts";
import { testEngine } from "./harness/engine.ts";
import { engineTest } from "./harness/needs.ts";

engineTest("dockerode: images, containers, exec, streams, archives, networks, volumes, events", async () => {
  await using engine = await testEngine();
  const docker = new Docker({ socketPath: engine.socket });

  assert.equal(String(await docker.ping()), "OK");
  assert.equal((await docker.info()).OSType, "linux");
  const events = await docker.getEvents({ filters: { type: ["container"] } });
  const heard: string[] = [];
  events.on("data", (line: Buffer) => heard.push((JSON.parse(line.toString()) as { Action: string }).Action));

  const archive = Readable.from([await busyboxArchive("second:1", [{ "hello.txt": "hello" }])]);
  const loading: NodeJS.ReadableStream = await docker.loadImage(archive);
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(loading, (error) => (error === null ? resolve() : reject(error)));
  });
  assert.deepEqual((await docker.listImages({ filters: { reference: ["second"] } }))[0]?.RepoTags, [
    "second:1",
  ]);

  const out = new PassThrough();
  const err = new PassThrough();
  const [heardOut, heardErr] = [text(out), text(err)];
  const command = ["sh", "-c", "cat /hello.txt; echo bad >&2; exit 4"];
  const [ended] = (await docker.run("second:1", command, [out, err], { Tty: false })) as [
    { StatusCode: number },
  ];
  out.end();
  err.end();
  assert.deepEqual([ended.StatusCode, await heardOut, await heardErr], [4, "hello", "bad\n"]);

  const network = await docker.createNetwork({ Name: "between" });
  const volume = await docker.createVolume({ Name: "kept" });
  const container = await docker.createContainer({
    name: "server",
    Image: "second:1",
    Cmd: ["sleep", "1000"],
    HostConfig: { Binds: ["kept:/kept"], NetworkMode: "between" },
  });
  await container.start();
  const exec = await container.exec({
    Cmd: ["sh", "-c", "echo in; exit 3"],
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({ hijack: true, stdin: false });
  const said = new PassThrough();
  docker.modem.demuxStream(stream, said, said);
  const heardSaid = text(said);
  await new Promise((resolve) => stream.on("end", resolve));
  said.end();
  assert.equal(await heardSaid, "in\n");
  assert.equal((await exec.inspect()).ExitCode, 3);

  const taken = await container.getArchive({ path: "/hello.txt" });
  assert.match(await text(taken), /hello/);
  await container.putArchive(archiveOf("put.txt", "put"), { path: "/kept" });
  const listed = await docker.listContainers({ filters: { name: ["server"] } });
  assert.deepEqual(listed[0]?.Names, ["/server"]);
  const stats = await container.stats({ stream: false });
  assert.ok(stats.memory_stats.usage > 0);
  await container.stop({ t: 0 });
  assert.equal((await container.inspect()).State.Status, "exited");
  await container.remove({ v: true });
  await network.remove();
  await volume.remove();
  await assert.rejects(container.inspect(), { statusCode: 404 });
  for (const action of ["create", "start", "die", "destroy"]) assert.ok(heard.includes(action), action);
  (events as unknown as { destroy(): void }).destroy();
});

/** A tar with one file. */
function archiveOf(name: string, content: string): Buffer {
  const header = Buffer.alloc(512);
  const write = (at: number, words: string) => header.write(words, at, "latin1");
  write(0, name);
  write(100, "0000644\0");
  write(108, "0000000\0");
  write(116, "0000000\0");
  write(124, `${content.length.toString(8).padStart(11, "0")}\0`);
  write(136, "00000000000\0");
  write(148, "        ");
  write(156, "0");
  write(257, "ustar\u000000");
  const sum = header.reduce((total, byte) => total + byte, 0);
  write(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return Buffer.concat([header, Buffer.from(content.padEnd(512, "\0")), Buffer.alloc(1024)]);
}
