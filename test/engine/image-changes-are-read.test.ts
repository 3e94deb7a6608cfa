import assert from "node:assert/strict";
import { test } from "node:test";
import { applyChanges } from "#engine/images/changes/apply-changes.ts";

test("changes of commit and import mean what they mean in a Dockerfile", () => {
  const config = applyChanges({ Env: ["PATH=/bin"], Cmd: ["old"], WorkingDir: "/srv" }, [
    'ENV X="a b" Y=$PATH Z=${NOPE:-none}',
    "ENV OLD all of   the rest",
    "ENTRYPOINT ls -l",
    "EXPOSE 80 90-92/udp",
    'VOLUME ["/a", "/b"]',
    "WORKDIR foo/../bar",
    'LABEL a=b "c d"="e f"',
    "HEALTHCHECK --interval=1m5s --retries=3 CMD curl -f x",
    "ONBUILD RUN x",
    "USER worker:2000",
    "STOPSIGNAL SIGINT",
  ]);
  assert.deepEqual(config, {
    Env: ["PATH=/bin", "X=a b", "Y=/bin", "Z=none", "OLD=all of   the rest"],
    Cmd: null,
    Entrypoint: ["/bin/sh", "-c", "ls -l"],
    ExposedPorts: { "80/tcp": {}, "90/udp": {}, "91/udp": {}, "92/udp": {} },
    Volumes: { "/a": {}, "/b": {} },
    WorkingDir: "/srv/bar",
    Labels: { a: "b", "c d": "e f" },
    Healthcheck: { Test: ["CMD-SHELL", "curl -f x"], Interval: 65e9, Retries: 3 },
    OnBuild: ["RUN x"],
    User: "worker:2000",
    StopSignal: "SIGINT",
  });
});

test("commands are lists or for the shell; an entrypoint takes the command before it", () => {
  assert.deepEqual(applyChanges({}, ['CMD ["a", "b"]']).Cmd, ["a", "b"]);
  assert.deepEqual(applyChanges({}, ["cmd [ls"]).Cmd, ["/bin/sh", "-c", "[ls"]);
  assert.deepEqual(applyChanges({ Shell: ["/bin/ash", "-ec"] }, ["CMD x y"]).Cmd, ["/bin/ash", "-ec", "x y"]);
  assert.deepEqual(applyChanges({ Cmd: ["x"] }, ["CMD []"]).Cmd, []);
  const both = applyChanges({}, ['CMD ["a"]', 'ENTRYPOINT ["b"]']);
  assert.deepEqual([both.Cmd, both.Entrypoint], [["a"], ["b"]]);
});

test("quotes and escapes are a shell's", () => {
  const { Env } = applyChanges({ Env: ["A=1"] }, [`ENV B='$A' C="$A" D=\\$A E=a\\ b F="x\\"y" G=\${A:+set}`]);
  assert.deepEqual(Env, ["A=1", "B=$A", "C=1", "D=$A", "E=a b", 'F=x"y', "G=set"]);
});

const refused: [change: string, words: string][] = [
  ["", "file with no instructions"],
  ["RUN x", "run is not a valid change command"],
  ["ENV", "ENV requires at least one argument"],
  ["ENV x", "ENV must have two arguments"],
  ["ENV a=b c", `Syntax error - can't find = in "c". Must be of the form: name=value`],
  ["LABEL x", "LABEL must have two arguments"],
  ["EXPOSE", "EXPOSE requires at least one argument"],
  ["EXPOSE abc", "Invalid containerPort: abc"],
  ["EXPOSE 99999", "Invalid containerPort: 99999"],
  ["USER", "USER requires exactly one argument"],
  ["WORKDIR", "WORKDIR requires exactly one argument"],
  ["VOLUME", "VOLUME requires at least one argument"],
  ['VOLUME [""]', "VOLUME specified can not be an empty string"],
  ["ONBUILD", "ONBUILD requires at least one argument"],
  ["ONBUILD FROM x", "FROM isn't allowed as an ONBUILD trigger"],
  ["ONBUILD ONBUILD RUN", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"],
  ["HEALTHCHECK", "HEALTHCHECK requires at least one argument"],
  ["HEALTHCHECK FOO", 'Unknown type "FOO" in HEALTHCHECK (try CMD)'],
  ["HEALTHCHECK NONE b", "HEALTHCHECK NONE takes no arguments"],
  ["HEALTHCHECK --foo=1 CMD x", "Unknown flag: foo"],
  ["HEALTHCHECK --interval=x CMD x", 'time: invalid duration "x"'],
];

for (const [change, words] of refused)
  test(`the change ${JSON.stringify(change)} is refused in docker's words`, () =>
    assert.throws(() => applyChanges({}, [change]), { code: "engine-invalid", message: words }));
