/** Parameters in a query string: `Tags.0.Key=a`. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { flatten, unflatten } from "../../src/wire/flatten.ts";

test("nested parameters come back", () => {
  const request = { VpcName: "a b&c=d", Tags: [{ Key: "k.1", Value: "流" }, { Key: "", Value: "" }], VpcIds: ["x", "y"] };
  const query = new URLSearchParams(flatten(request)).toString();
  expect(unflatten(new URLSearchParams(query))).toEqual(request);
});

test.each([
  [[["A", "1"], ["A.B", "2"]]],
  [[["A.B", "2"], ["A", "1"]]],
  [[["A", "1"], ["A", "2"]]],
  [[[Array(20).fill("A").join("."), "1"]]],
] as [string, string][][][])("names that contradict each other are refused: %j", (pairs) => {
  expect(unflatten(pairs)).toBeUndefined();
});

test("any names give a plain value or a refusal", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.stringMatching(/^[A-C0-9._]{0,8}$/), fc.string())), (pairs) => {
      const value = unflatten(pairs);
      expect(value === undefined || Object.getPrototypeOf(value) === Object.prototype).toBe(true);
    }),
  );
});

test("__proto__ is a name like any other", () => {
  const value = unflatten([["__proto__.polluted", "1"]]);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});
