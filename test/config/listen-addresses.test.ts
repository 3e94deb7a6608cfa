import assert from "node:assert/strict";
import { test } from "node:test";
import { formatListenAddress, isLoopback, parseListenAddress } from "#config/listen-address.ts";
import { faultsOf, load } from "./load.ts";

test("an address is HOST:PORT; without a host it is every address of the machine", () => {
  const addresses: [string, string, number][] = [
    ["127.0.0.1:5000", "127.0.0.1", 5000],
    ["[::1]:5000", "::1", 5000],
    ["[0:0:0:0:0:0:0:1]:5000", "::1", 5000],
    [":5000", "", 5000],
    ["localhost:0", "localhost", 0],
    ["Registry.LAN:65535", "registry.lan", 65535],
  ];
  for (const [written, host, port] of addresses) {
    const address = parseListenAddress(written);
    assert.deepEqual(address, { host, port }, written);
    assert.deepEqual(parseListenAddress(formatListenAddress(address)), address);
  }
});

test("http:// says that an address stays without TLS", () => {
  const address = parseListenAddress("http://[::1]:5000");
  assert.deepEqual(address, { host: "::1", port: 5000, plain: true });
  assert.equal(formatListenAddress(address), "http://[::1]:5000");
});

test("anything else is refused with what to write", () => {
  const wrong: [unknown, RegExp][] = [
    [5000, /write 127\.0\.0\.1:5000 for this machine only, or ":5000"/],
    ["5000", /write 127\.0\.0\.1:5000/],
    ["localhost", /write HOST:PORT/],
    ["::1", /needs brackets and a port: "\[::1\]:5000"/],
    ["http://localhost", /write HOST:PORT/],
    ["https://localhost:5000", /without https:\/\//],
    ["127.0.0.1:65536", /at most 65535/],
    ["*:5000", /write ":PORT"/],
    ["300.1.1.1:5000", /not an IPv4 address/],
    ["127.1:5000", /not an IPv4 address/],
    ["0x7f.1:5000", /not an IPv4 address/],
    ["[fe80::zz]:5000", /not an IPv6 address/],
    ["a_b:5000", /neither an IP address nor a host name/],
    [true, /write HOST:PORT/],
    [{}, /write HOST:PORT/],
  ];
  for (const [value, message] of wrong) {
    assert.throws(() => parseListenAddress(value), { name: "Unreadable", message }, String(value));
  }
});

test("loopback is localhost, 127.0.0.0/8 and ::1, and nothing that looks like it", () => {
  for (const written of ["localhost:1", "127.0.0.1:1", "127.9.9.9:1", "[::1]:1"]) {
    assert.equal(isLoopback(parseListenAddress(written)), true, written);
  }
  const others = [
    ":1",
    "0.0.0.0:1",
    "[::]:1",
    "10.0.0.1:1",
    "127.0.0.1.example.org:1",
    "localhost.evil:1",
    "[::2]:1",
  ];
  for (const written of others) assert.equal(isLoopback(parseListenAddress(written)), false, written);
});

test("one address or a list, none and the same twice are refused", () => {
  assert.equal(load({ file: "listen: localhost:1" }).config.listen.length, 1);
  assert.equal(load({ file: 'listen: [localhost:1, "[::1]:1"]' }).config.listen.length, 2);
  assert.equal(load({ file: "listen: [localhost:0, localhost:0]" }).config.listen.length, 2);
  assert.match(faultsOf({ file: "listen: []" }).join(), /has no address/);
  assert.match(
    faultsOf({ file: "listen: [localhost:1, LOCALHOST:1]" }).join(),
    /localhost:1 stands there twice/,
  );
  assert.match(faultsOf({ file: "listen: [localhost:1, 5]" }).join(), /^listen\[1\] \(berth.yaml line 1\)/);
});
