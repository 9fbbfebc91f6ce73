/** A record comes back from its line, whatever it says. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatIpv4, formatIpv6 } from "../../src/net/address.ts";
import { type FlowRecord, formatRecord, parseRecord } from "../../src/backend/flow/record.ts";

const address = fc.oneof(
  fc.nat({ max: 0xffffffff }).map(formatIpv4),
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map(formatIpv6),
);
const port = fc.nat({ max: 65_535 });
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });

const common = {
  version: fc.constantFrom("2", "V1"),
  accountId: fc.nat({ max: 9_999_999_999 }).map(String),
  interfaceId: fc.stringMatching(/^eni-[0-9a-z]{8}$/),
  start: count,
  end: count,
};

const ok: fc.Arbitrary<FlowRecord> = fc.record({
  ...common,
  srcAddr: address,
  dstAddr: address,
  srcPort: port,
  dstPort: port,
  protocol: fc.nat({ max: 255 }),
  packets: count,
  bytes: count,
  action: fc.constantFrom("ACCEPT", "REJECT"),
  logStatus: fc.constant("OK"),
});

const absent = fc.constant(undefined);
const empty: fc.Arbitrary<FlowRecord> = fc.record({
  ...common,
  srcAddr: absent,
  dstAddr: absent,
  srcPort: absent,
  dstPort: absent,
  protocol: absent,
  packets: absent,
  bytes: absent,
  action: absent,
  logStatus: fc.constantFrom("NODATA", "SKIPDATA"),
});

test("a record comes back from its line", () => {
  fc.assert(
    fc.property(fc.oneof(ok, empty), (record) => {
      expect(parseRecord(formatRecord(record))).toEqual(record);
    }),
    { numRuns: 2000 },
  );
});

test("any text is a record or refused, never a crash", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      try {
        expect(formatRecord(parseRecord(text))).toBe(text);
      } catch (error) {
        expect((error as Error).name).toBe("MalformedRecord");
      }
    }),
    { numRuns: 2000 },
  );
});
