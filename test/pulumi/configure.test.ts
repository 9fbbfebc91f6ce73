/** The stack's configuration as the provider reads it. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as provider from "../../src/pulumi/provider.ts";

let silent: Server;

/** A server that takes requests and never answers. */
beforeEach(async () => {
  silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
});

afterEach(() => {
  silent.closeAllConnections();
  silent.close();
});

function configure(values: Readonly<Record<string, string>>): void {
  const get = (key: string) => values[key.replace("flowlogs:", "")];
  provider.configure("Vpc", { config: { get, require: (key) => get(key)! } });
}

const endpoint = () => `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;

test("timeoutSeconds ends what has no customTimeouts of its own", async () => {
  configure({ endpoint: endpoint(), secretId: "AKIDtest", secretKey: "key", timeoutSeconds: "0.2" });
  await expect(provider.delete("Vpc", "vpc-1a2b3c4d", {})).rejects.toThrow("DeleteVpc was not answered within the 0.2 s");
  await expect(provider.delete("Vpc", "vpc-1a2b3c4d", { customTimeouts: { delete: "100ms" } })).rejects.toThrow("within the 0.1 s");
});

test.each(["0", "-1", "soon", ""])("timeoutSeconds %j is refused", (timeoutSeconds) => {
  expect(() => configure({ timeoutSeconds })).toThrow(`flowlogs:timeoutSeconds: ${JSON.stringify(timeoutSeconds)} must be a number of seconds above 0`);
});
