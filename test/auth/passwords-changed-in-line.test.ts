import assert from "node:assert/strict";
import { test } from "node:test";
import { addUser, openDesk, operator, passwordOf, signIn } from "./sign-in-desk.ts";

test("a password that is changed while its check waits in line is wrong", async () => {
  await using desk = await openDesk({ concurrent: 1 });
  await addUser(desk, "alice");
  // These come first, so alice's check has to wait for them.
  const before = Array.from({ length: 4 }, (_, i) => signIn(desk, `user${i}`, "wrong password"));
  const waiting = signIn(desk, "alice", passwordOf("alice"));
  const account = await desk.metadata.accounts.byName("alice");
  const by = {
    actorId: undefined,
    actor: "x",
    kind: "operator",
    address: "",
    request: "",
    rule: "",
  } as const;
  await desk.metadata.accounts.change(account?.id ?? 0, { enabled: false }, by, desk.time.now);
  assert.equal((await waiting).code, "unauthenticated");
  await Promise.all(before);
  await desk.manage.users.change(operator, "alice", { enabled: true });
  assert.equal((await signIn(desk, "alice", passwordOf("alice"))).name, "alice");
});
