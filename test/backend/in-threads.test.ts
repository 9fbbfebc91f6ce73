/** What holds in one thread holds in several, as `flowlogs serve` has them: these suites once more. */
import { afterAll, describe, expect } from "vitest";
import { usual } from "../support/cloud.ts";

const deaths: Error[] = [];
Object.assign(usual, { threads: { died: (error: Error) => deaths.push(error) } });

describe("in threads", async () => {
  await import("../flow/windows.test.ts");
  await import("../scenarios/ping.test.ts");
  await import("../scenarios/explain-record.test.ts");
  await import("../properties/conservation.test.ts");
});

afterAll(() => expect(deaths).toEqual([]));
