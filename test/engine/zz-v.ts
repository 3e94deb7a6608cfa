import { testEngine } from "/work/main/test/engine/harness/engine.ts";
await using e = await testEngine({ engine: { runtime: process.argv[2] } });
const t = async (...a: string[]) => {
  const r = await e.docker(a);
  console.log("$", a.join(" "), "->", r.code, "\n" + r.stdout + r.stderr);
};
await t("run", "--rm", "-u", "1234", "busybox", "sh", "-c", "ls -lnL /proc/self/fd/0 /dev/null");
console.log(await e.host.run("ls", ["-ln", "/dev/null"]).then((r) => r.stdout));
await t("run", "-d", "--name", "aa", "busybox", "sleep", "100");
console.log(await e.host.run("ls", ["-ln", "/dev/null"]).then((r) => r.stdout));
await t("exec", "-u", "1235", "aa", "sh", "-c", "ls -lnL /proc/self/fd/0");
console.log(await e.host.run("ls", ["-ln", "/dev/null"]).then((r) => r.stdout));
