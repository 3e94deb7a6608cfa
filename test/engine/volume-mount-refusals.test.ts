import assert from "node:assert/strict";
import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { volumesPlace } from "./harness/volumes-place.ts";

const charset =
  'includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path';

/** Words that dockerd 20.10 answered the same with. */
const dockerd: readonly [HostConfig: Record<string, unknown>, message: string][] = [
  [{ Binds: ["a:b:c:d"] }, "invalid volume specification: 'a:b:c:d'"],
  [{ Binds: [""] }, "invalid volume specification: ''"],
  [{ Binds: [":/a"] }, "invalid volume specification: ':/a'"],
  [{ Binds: ["/a:"] }, "invalid volume specification: '/a:'"],
  [{ Binds: ["rel/x:/a"] }, `create rel/x: "rel/x" ${charset}`],
  [{ Binds: ["../x:/a"] }, `create ../x: "../x" ${charset}`],
  [
    { Binds: ["x:/a"] },
    "create x: volume name is too short, names should be at least two alphanumeric characters",
  ],
  [
    { Binds: ["vol:rel"] },
    "invalid volume specification: 'vol:rel': invalid mount config for type \"volume\": invalid mount path: 'rel' mount path must be absolute",
  ],
  [
    { Binds: ["/tmp:/"] },
    "invalid volume specification: '/tmp:/': invalid mount config for type \"bind\": invalid specification: destination can't be '/'",
  ],
  [{ Binds: ["/tmp:/a:foo"] }, "invalid mode: foo"],
  [{ Binds: ["/tmp:/a:ro,rw"] }, "invalid mode: ro,rw"],
  [{ Binds: ["/tmp:/a:shared,slave"] }, "invalid mode: shared,slave"],
  [
    { Binds: ["/tmp:/a:nocopy"] },
    "invalid volume specification: '/tmp:/a:nocopy': invalid mount config for type \"bind\": field VolumeOptions must not be specified",
  ],
  [
    { Binds: ["voll:/a:rshared"] },
    "invalid volume specification: 'voll:/a:rshared': invalid mount config for type \"volume\": field BindOptions must not be specified",
  ],
  [{ Binds: ["/tmp:/a", "/etc:/a"] }, "Duplicate mount point: /a"],
  [{ Binds: ["/tmp:/a", "vv:/a/"] }, "Duplicate mount point: /a"],
  [{ Binds: ["/tmp:/a"], Tmpfs: { "/a": "" } }, "Duplicate mount point: /a"],
  [
    { Binds: ["/tmp:/a"], Mounts: [{ Type: "bind", Source: "/tmp", Target: "/a" }] },
    "Duplicate mount point: /a",
  ],
  [
    { Mounts: [{ Type: "bind", Source: "/nosuch", Target: "/a" }] },
    'invalid mount config for type "bind": bind source path does not exist: /nosuch',
  ],
  [
    { Mounts: [{ Type: "bind", Source: "rel", Target: "/a" }] },
    "invalid mount config for type \"bind\": invalid mount path: 'rel' mount path must be absolute",
  ],
  [
    { Mounts: [{ Type: "bind", Source: "", Target: "/a" }] },
    'invalid mount config for type "bind": field Source must not be empty',
  ],
  [
    { Mounts: [{ Type: "bind", Source: "/tmp", Target: "" }] },
    'invalid mount config for type "bind": field Target must not be empty',
  ],
  [
    { Mounts: [{ Type: "bind", Source: "/tmp", Target: "/a", BindOptions: { Propagation: "foo" } }] },
    'invalid mount config for type "bind": invalid propagation mode: foo',
  ],
  [
    { Mounts: [{ Type: "bind", Source: "/tmp", Target: "/a", VolumeOptions: {} }] },
    'invalid mount config for type "bind": field VolumeOptions must not be specified',
  ],
  [{ Mounts: [{ Type: "volume", Source: "../x", Target: "/a" }] }, `create ../x: "../x" ${charset}`],
  [
    { Mounts: [{ Type: "volume", Source: "", Target: "/a", ReadOnly: true }] },
    'invalid mount config for type "volume": must not set ReadOnly mode when using anonymous volumes',
  ],
  [
    { Mounts: [{ Type: "tmpfs", Source: "x", Target: "/a" }] },
    'invalid mount config for type "tmpfs": field Source must not be specified',
  ],
  [{ VolumesFrom: ["nosuch"] }, "No such container: nosuch"],
  [{ VolumesFrom: [""] }, "volumes-from specification cannot be an empty string"],
  [{ VolumesFrom: [":ro"] }, 'invalid name or ID supplied: ""'],
  [{ VolumesFrom: ["x:foo"] }, "invalid mode: foo"],
  [{ Tmpfs: { rel: "" } }, "invalid mount path: 'rel' mount path must be absolute"],
  [{ Tmpfs: { "/": "" } }, "invalid specification: destination can't be '/'"],
  [{ Tmpfs: { "/u": "foo=1" } }, 'invalid tmpfs option ["foo" "1"]'],
];

test("mounts that can't be are refused in dockerd's words, and leave nothing", async (context) => {
  const { make, kept, volumes, own } = await volumesPlace(context);
  for (const [HostConfig, message] of dockerd)
    await assert.rejects(make(HostConfig), { code: "engine-invalid", message }, JSON.stringify(HostConfig));
  await assert.rejects(make({ VolumeDriver: "nosuch", Mounts: [] }, { Volumes: { "/d": {} } }), {
    code: "engine-missing",
    message: /^create [0-9a-f]{64}: error looking up volume plugin nosuch: plugin "nosuch" not found$/,
  });
  const driver = { VolumeOptions: { DriverConfig: { Name: "nosuch" } } };
  await assert.rejects(
    make({
      Mounts: [
        { Type: "volume", Target: "/an" },
        { Type: "volume", Source: "xx", Target: "/a", ...driver },
      ],
    }),
    {
      code: "engine-missing",
      message: 'create xx: error looking up volume plugin nosuch: plugin "nosuch" not found',
    },
  );
  assert.deepEqual([...kept.keys()], [], "the anonymous one before it went again");
  assert.deepEqual(await readdir(join(own, "volumes")), []);
  assert.deepEqual(await volumes.prune(new Map()), { removed: [], reclaimed: 0 });
});

test("a bind mount over the engine's own folder: no container gets it, nor what is in it, nor by a link", async (context) => {
  const { make, own, folder, volumes } = await volumesPlace(context);
  const inside = join(own, "volumes");
  const link = join(folder, "link");
  await symlink(own, link);
  await mkdir(join(own, "layers"));
  for (const source of [own, inside, join(own, "nosuch"), link, join(link, "layers"), `${folder}/x/../data`])
    for (const HostConfig of [
      { Binds: [`${source}:/a`] },
      { Mounts: [{ Type: "bind", Source: source, Target: "/a", BindOptions: { CreateMountpoint: true } }] },
    ])
      await assert.rejects(
        make(HostConfig),
        { code: "engine-invalid", message: /belongs to the engine itself/ },
        source,
      );
  for (const o of ["bind", "ro,rbind"])
    await assert.rejects(volumes.create({ Name: "vol", DriverOpts: { type: "none", o, device: link } }), {
      code: "engine-invalid",
      message: /belongs to the engine itself/,
    });
  // Above it, what is mounted below goes with the host.
  const [mount] = (await make({ Binds: [`${folder}:/host`] })).mounts;
  assert.equal(mount?.propagation, "rslave");
  await assert.rejects(make({ Binds: [`${folder}:/host:rprivate`] }), { code: "engine-invalid" });
  const [beside] = (await make({ Binds: [`${own}-other:/a`] })).mounts;
  assert.equal(beside?.propagation, "rprivate");
});
