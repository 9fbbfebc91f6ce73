// Written by scripts/generate.ts from src/model; change the table there.
import type * as pulumi from "@pulumi/pulumi";
import { FlowLogsResource } from "./dynamic-resource.ts";

/** The arguments of a {@link Logset}. */
export interface LogsetArgs {
  /** What the logset is called; its own in account and region. A change replaces. */
  logsetName?: pulumi.Input<string> | undefined;
  /** An id of your own choice: 3 to 40 of a-z, 0-9 and -, then - and the APPID. A change replaces. */
  logsetId?: pulumi.Input<string> | undefined;
  /** Up to 8 tags by key (the provider adds two of its own to the ten the cloud allows). */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

/** A group of topics. */
export class Logset extends FlowLogsResource {
  /** What the logset is called; its own in account and region. */
  declare readonly logsetName: pulumi.Output<string>;
  /** An id of your own choice: 3 to 40 of a-z, 0-9 and -, then - and the APPID. */
  declare readonly logsetId: pulumi.Output<string>;
  /** Up to 8 tags by key (the provider adds two of its own to the ten the cloud allows). */
  declare readonly tags: pulumi.Output<Record<string, string> | undefined>;
  /** When it was made, as the API spells it. */
  declare readonly createTime: pulumi.Output<string>;

  constructor(name: string, args: LogsetArgs = {}, opts?: pulumi.CustomResourceOptions) {
    super("Logset", name, args, opts);
  }

  /** Looks up one that exists, by its id; the stack then reads it but does not own it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Logset {
    return new Logset(name, {}, { ...opts, id });
  }
}
