/** Addresses and blocks: what is written comes back, and blocks hold what they should. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  canonicalAddress,
  cidrHolds,
  cidrsOverlap,
  formatIpv4,
  formatIpv6,
  parseAddress,
  parseCidr,
  parseIpv4,
  parseIpv6,
} from "../../src/net/address.ts";

const ipv4 = fc.nat({ max: 0xffffffff });
const ipv6 = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
  // Mostly zeros: what the shortening is about.
  fc.array(fc.constantFrom(0n, 0n, 0n, 1n, 0xffffn), { minLength: 8, maxLength: 8 }).map((groups) => groups.reduce<bigint>((bits, group) => (bits << 16n) | group, 0n)),
);

test("IPv4 comes back", () => {
  fc.assert(
    fc.property(ipv4, (value) => {
      expect(parseIpv4(formatIpv4(value))).toBe(value);
    }),
  );
});

test("IPv6 comes back, in a spelling that does not change again", () => {
  fc.assert(
    fc.property(ipv6, (value) => {
      const text = formatIpv6(value);
      expect(parseIpv6(text)).toBe(value);
      expect(canonicalAddress(text)).toBe(text);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ["2001:0DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["0:0:1:0:0:0:1:0", "0:0:1::1:0"],
  ["::", "::"],
  ["::ffff:c000:0280", "::ffff:192.0.2.128"],
  ["::FFFF:192.0.2.128", "::ffff:192.0.2.128"],
  ["fe80::1", "fe80::1"],
])("RFC 5952: %s is written %s", (given, written) => {
  expect(canonicalAddress(given)).toBe(written);
});

test.each(["", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.5", ":::", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9", "g::", "::1%eth0"])(
  "%j is no address",
  (text) => {
    expect(parseAddress(text)).toBeUndefined();
  },
);

test("a block holds its own addresses, and blocks overlap when one holds the other's first", () => {
  fc.assert(
    fc.property(ipv4, fc.integer({ min: 0, max: 32 }), ipv4, fc.integer({ min: 0, max: 32 }), (a, aPrefix, b, bPrefix) => {
      const first = parseCidr(`${formatIpv4(a)}/${aPrefix}`)!;
      const second = parseCidr(`${formatIpv4(b)}/${bPrefix}`)!;
      expect(cidrHolds(first, parseAddress(formatIpv4(a))!)).toBe(true);
      const isSharing = cidrHolds(first, { family: 4, bits: second.first }) || cidrHolds(second, { family: 4, bits: first.first });
      expect(cidrsOverlap(first, second)).toBe(isSharing);
    }),
  );
});
