import { remappedEngine } from "/work/main/test/engine/harness/remapped-engine.ts";
await using e = await remappedEngine(65536, process.argv[2] as "crun");
const t = async (...a: string[]) => {
  const r = await e.docker(a);
  console.log("$", a.join(" "), "->", r.code, "\n" + r.stdout + r.stderr);
};
await t(
  "run",
  "--rm",
  "busybox",
  "sh",
  "-c",
  "id; cat /proc/self/uid_map; ls -lan / /dev /dev/shm /etc; touch /x /tmp/y; mount; cat /proc/self/oom_score_adj; echo hi > /dev/stdout; echo h2 >/dev/stderr; ls -ln /proc/self/fd/",
);
await t(
  "run",
  "-d",
  "--name",
  "aa",
  "-v",
  "vol:/var/www",
  "-p",
  "127.0.0.1:18080:80",
  "busybox",
  "sh",
  "-c",
  "echo x>/var/www/index.html; httpd -f -p 80 -h /var/www",
);
await t(
  "exec",
  "aa",
  "sh",
  "-c",
  "id; echo hi >/dev/stdout; ls -lan /var/www; ping -c1 127.0.0.1; cat /etc/hosts; echo 1.2.3.4 foo >> /etc/hosts; cat /etc/resolv.conf",
);
console.log(
  await e.host.run("sh", [
    "-c",
    "ps axo uid,args | grep http[d]; ls -lan " +
      e.data +
      "/volumes/vol/_data; wget -qO- http://127.0.0.1:18080/index.html",
  ]),
);
await t(
  "run",
  "--rm",
  "--network",
  "container:aa",
  "busybox",
  "sh",
  "-c",
  "id; ip addr; wget -qO- localhost",
);
await t("run", "--rm", "-u", "1000", "busybox", "sh", "-c", "id; echo hi >/dev/stdout");
await t("run", "--rm", "-t", "busybox", "sh", "-c", "id; tty; ls -ln $(tty)");
await t("run", "--rm", "--userns=host", "busybox", "sh", "-c", "id; ls -lan /; echo > /x; ls -ln /x");
await t("run", "--rm", "--privileged", "busybox", "id");
await t("run", "--rm", "--privileged", "--userns=host", "busybox", "id");
await t("run", "--rm", "--ipc=host", "busybox", "id");
await t(
  "run",
  "--rm",
  "--tmpfs",
  "/t:uid=5,gid=6",
  "--shm-size",
  "1m",
  "busybox",
  "sh",
  "-c",
  "ls -lan /t; df /dev/shm; touch /t/a /dev/shm/b",
);
await t("run", "--rm", "--read-only", "busybox", "sh", "-c", "touch /x; id");
await t("run", "--rm", "--ipc", "shareable", "busybox", "sh", "-c", "ls -land /dev/shm; touch /dev/shm/a");
await t("run", "--rm", "--cgroupns", "host", "busybox", "id");
await t("run", "--rm", "--device", "/dev/kmsg", "busybox", "ls", "-ln", "/dev/kmsg");
await t("run", "--rm", "--init", "busybox", "id");
await t("stats", "--no-stream", "aa");

await t("run", "-d", "--name", "ipc", "--ipc", "shareable", "busybox", "sleep", "100");
await t(
  "run",
  "--rm",
  "--ipc",
  "container:ipc",
  "busybox",
  "sh",
  "-c",
  "ls -land /dev/shm; touch /dev/shm/z; id",
);
await t("run", "--rm", "--pid", "container:aa", "busybox", "sh", "-c", "ps; id");
await t("run", "--rm", "--pid", "container:aa", "--network", "container:aa", "busybox", "sh", "-c", "ps; id");
await t("run", "--rm", "--userns=host", "--network", "container:aa", "busybox", "sh", "-c", "ip a; id");
await t("run", "-d", "--name", "host", "--userns=host", "busybox", "sleep", "100");
await t("run", "--rm", "--network", "container:host", "busybox", "sh", "-c", "ip a; id");
await t("run", "--rm", "-v", "/tmp/be-bind1/x/y:/b", "busybox", "sh", "-c", "touch /b/f; ls -lan /b");
console.log(
  (await e.host.run("sh", ["-c", "ls -lanR /tmp/be-bind1; rm -rf /tmp/be-bind1; ls -ln /dev/null"])).stdout,
);
await t("exec", "-u", "1000", "aa", "sh", "-c", "id; echo hi >/dev/stdout; ls -lnL /proc/self/fd/0");
console.log((await e.host.run("sh", ["-c", "ls -ln /dev/null"])).stdout);
await t("exec", "-i", "aa", "sh", "-c", "id; echo hi >/dev/stdout; ls -lnL /proc/self/fd/0");
await t("exec", "-t", "aa", "sh", "-c", "id; tty");
await t("run", "--rm", "-m", "20m", "busybox", "sh", "-c", "cat /dev/zero | head -c 80m | tail");
await t("run", "--rm", "--health-cmd", "true", "busybox", "id");
await t("stop", "-t", "1", "aa");
await t("start", "aa");
await t("top", "aa");
await t("pause", "aa");
await t("unpause", "aa");
await t("restart", "-t", "1", "aa");
await t("run", "--rm", "-u", "70000", "busybox", "id");
