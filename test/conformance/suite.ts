/** The conformance suite: every case of every action, called one way. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ActionName, actions } from "../../src/wire/actions.ts";
import type { ActionRow } from "../../src/wire/action.ts";
import { shapeViolations } from "../../src/wire/shapes.ts";
import { flattened, refusalOf, type Way, type WayName, ways } from "../support/ways.ts";
import { cases } from "./cases.ts";
import { type Case, World } from "./world.ts";

const requestId = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Runs every case through a way. */
export function suite(name: WayName): void {
  describe(name, () => {
    let way: Way;
    let world: World;

    beforeAll(async () => {
      way = await ways[name]();
      world = new World(way);
    });

    afterAll(() => way.close());

    for (const [action, { success, refusals }] of Object.entries(cases) as [ActionName, Case<ActionName>][]) {
      test(action, async () => {
        const request = await success.ask(world);
        const { RequestId, ...answer } = await way.call(action, request);
        expect(RequestId).toMatch(requestId);
        expect(shapeViolations((actions[action] as ActionRow).answer!, answer)).toEqual([]);
        await success.then(answer, world, request);
      });

      for (const [code, refused] of Object.entries(refusals)) {
        if (typeof refused !== "function" && flattened.has(name)) continue;
        const ask = typeof refused === "function" ? refused : refused.json;
        test(`${action}: ${code}`, async () => {
          expect(await refusalOf(action, way.call(action, (await ask(world)) as never))).toBe(code);
        });
      }
    }
  });
}
