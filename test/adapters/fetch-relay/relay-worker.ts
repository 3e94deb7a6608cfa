/** A worker process with a relay: its fetches begin, grow to 10 of 100 bytes, and stay so. */
import { createFetchRelay } from "#adapters/fetch-relay/fetch-relay.ts";
import { startFetch } from "./two-relays.ts";

const [folder = "", slot = "", slots = ""] = process.argv.slice(2);
const relay = await createFetchRelay({ folder, slot: Number(slot), slots: Number(slots) });
relay.answer(({ repository }) => {
  const fetch = startFetch();
  if (!repository.endsWith("never-begins")) fetch.begin({ size: 100, file: `of ${process.pid}` });
  fetch.grow(10);
  return fetch.blob;
});
process.send?.("ready");
