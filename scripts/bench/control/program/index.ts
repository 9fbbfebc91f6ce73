/** The flow logs that BENCH_ARGS lists, or (BENCH_KIND) as many dynamic resources whose provider does nothing. */
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { FlowLog, type FlowLogArgs } from "pulumi-flowlogs";

const all = JSON.parse(readFileSync(process.env["BENCH_ARGS"]!, "utf8")) as FlowLogArgs[];

const nothing: pulumi.dynamic.ResourceProvider = {
  create: (inputs: { readonly flowLogName: string }) => Promise.resolve({ id: inputs.flowLogName, outs: inputs }),
  diff: () => Promise.resolve({ changes: false }),
};

/** A provider that does nothing, which the SDK turns into text, as it does for any dynamic resource. */
class NoOp extends pulumi.dynamic.Resource {
  constructor(name: string, args: FlowLogArgs) {
    super(nothing, name, { ...args });
  }
}

const text = `exports.handler = () => ({
  create: (inputs) => Promise.resolve({ id: String(inputs.flowLogName), outs: inputs }),
  diff: () => Promise.resolve({ changes: false }),
});`;

/** The same, handed over as text at once, as this project's own resources do: what the engine itself takes. */
class Floor extends pulumi.CustomResource {
  constructor(name: string, args: FlowLogArgs) {
    super("pulumi-nodejs:dynamic:Resource", name, { ...args, __provider: text });
  }
}

const kinds = { "flow logs": FlowLog, floor: Floor, "no-op": NoOp } as const;
const Kind = kinds[process.env["BENCH_KIND"] as keyof typeof kinds];
for (const [index, args] of all.entries()) new Kind(`log-${index}`, args);
