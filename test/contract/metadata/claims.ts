import assert from "node:assert/strict";
import { test } from "node:test";
import { digest, upload, type Open } from "./content.ts";

const progress = (offset: number) => ({ offset, soFar: digest(`${offset}`), touchedAt: 10 });

export function claimContract(open: Open): void {
  test("a claim reads the session and keeps others out until it is given back", async () => {
    await using metadata = await open();
    const { uploads } = metadata;
    await uploads.begin(upload("u1"));
    assert.deepEqual(await uploads.claim("u1", "me", 0, 100), await uploads.find("u1"));
    assert.equal(await uploads.claim("u1", "you", 99, 200), "busy");
    assert.notEqual(await uploads.claim("u1", "me", 50, 100), "busy", "the holder itself may claim again");
    await uploads.release("u1", "me");
    assert.notEqual(await uploads.claim("u1", "you", 99, 200), "busy");
  });

  test("there is no claim on a session that isn't there", async () => {
    await using metadata = await open();
    assert.equal(await metadata.uploads.claim("u1", "me", 0, 100), undefined);
    assert.equal(await metadata.uploads.renew("u1", "me", 200), false);
    await metadata.uploads.release("u1", "me");
  });

  test("of many claims at once one wins", async () => {
    await using metadata = await open();
    const { uploads } = metadata;
    await uploads.begin(upload("u1"));
    const holders = ["a", "b", "c", "d"];
    const claims = await Promise.all(holders.map((holder) => uploads.claim("u1", holder, 0, 100)));
    assert.equal(claims.filter((claim) => claim === "busy").length, 3);
  });

  test("a claim that ran out can be taken, and then it can't be renewed", async () => {
    await using metadata = await open();
    const { uploads } = metadata;
    await uploads.begin(upload("u1"));
    await uploads.claim("u1", "me", 0, 100);
    assert.notEqual(await uploads.claim("u1", "you", 100, 200), "busy");
    assert.equal(await uploads.renew("u1", "me", 300), false);
    assert.equal(await uploads.renew("u1", "you", 300), true);
    assert.equal(await uploads.claim("u1", "me", 250, 400), "busy");
  });

  test("a renewed claim holds for longer", async () => {
    await using metadata = await open();
    const { uploads } = metadata;
    await uploads.begin(upload("u1"));
    await uploads.claim("u1", "me", 0, 100);
    assert.equal(await uploads.renew("u1", "me", 200), true);
    assert.equal(await uploads.claim("u1", "you", 150, 300), "busy");
    assert.equal(await uploads.renew("u1", "you", 300), false);
  });

  test("progress gives the claim back with its new offset", async () => {
    await using metadata = await open();
    const { uploads } = metadata;
    await uploads.begin(upload("u1"));
    await uploads.claim("u1", "me", 0, 100);
    await uploads.progress("u1", "me", progress(5));
    const session = await uploads.claim("u1", "you", 1, 100);
    assert.ok(session !== undefined && session !== "busy");
    assert.deepEqual([session.offset, session.soFar], [5, digest("5")]);
  });

  test("progress of a holder that lost its claim is refused and changes nothing", async () => {
    await using metadata = await open();
    const { uploads } = metadata;
    await uploads.begin(upload("u1"));
    await uploads.claim("u1", "slow", 0, 100);
    await uploads.claim("u1", "next", 100, 200);
    const busy = { name: "AppError", code: "upload-busy" };
    await assert.rejects(uploads.progress("u1", "slow", progress(3)), busy);
    await uploads.release("u1", "slow");
    assert.equal(await uploads.renew("u1", "next", 300), true, "the other one's claim still holds");
    await uploads.progress("u1", "next", progress(9));
    await assert.rejects(uploads.progress("u1", "slow", progress(3)), busy);
    assert.equal((await uploads.find("u1"))?.offset, 9);
  });

  test("progress on a session that was ended meanwhile is refused", async () => {
    await using metadata = await open();
    const { uploads } = metadata;
    await uploads.begin(upload("u1"));
    await uploads.claim("u1", "me", 0, 100);
    await uploads.end("u1");
    await assert.rejects(uploads.progress("u1", "me", progress(3)), { code: "upload-unknown" });
    assert.equal(await uploads.find("u1"), undefined);
  });
}
