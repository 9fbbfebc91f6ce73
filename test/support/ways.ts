/** The ways in which an action can be called: one suite runs through each of them. */
import { Client } from "../../src/client/client.ts";
import type { Call } from "../../src/wire/actions.ts";
import { testCloud } from "./cloud.ts";
import { credentials, testServer } from "./server.ts";

/** A cloud that can be called. */
export interface Way {
  readonly call: Call;
  close(): Promise<void>;
}

/** Each way by its name; every opening is a cloud of its own. */
export const ways: Readonly<Record<string, () => Promise<Way>>> = {
  "in the process": async () => {
    const { cloud } = testCloud();
    return {
      call: cloud.call,
      async close() {
        await cloud.close();
      },
    };
  },
  "over HTTP with our client": async () => {
    const server = await testServer();
    const client = new Client({ endpoint: server.url, credentials, region: "ap-guangzhou" });
    return {
      call: client.call,
      async close() {
        await client.close();
        await server.close();
        if (server.bugs.length > 0) throw new Error(`the backend failed: ${String(server.bugs[0])}`);
      },
    };
  },
};

/** What a call came to: `fine`, or the code and message of its refusal. */
export async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "fine";
  } catch (error) {
    if (error instanceof Error && "code" in error) return `${String(error.code)}: ${error.message}`;
    throw error;
  }
}
