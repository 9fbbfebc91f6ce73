/** The cloud's rooms, joined: what an action is handed. */
import type { CallMemory } from "./call-memory.ts";
import type { Clock } from "./clock.ts";
import type { DataPlane } from "./data-plane/data-plane.ts";
import type { FlowLog } from "./flow/flow-log.ts";
import type { Random } from "./ids.ts";
import type { Collection } from "./ledger.ts";
import type { Logs } from "./logs/logs.ts";
import type { Network } from "./vpc/network.ts";

/** What the account is called and how the backend was started. */
export interface Setting {
  /** The account's APPID, the `account-id` of every record. */
  readonly appId: string;
  readonly version: string;
  /** Empty where everything is kept in memory. */
  readonly dataFolder: string;
  readonly windowSeconds: number;
  readonly publishDelaySeconds: number;
}

/** Everything an action may ask or change. */
export interface Rooms {
  readonly setting: Setting;
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly flowLogs: Collection<FlowLog>;
  readonly logs: Logs;
  readonly packets: DataPlane;
  readonly calls: CallMemory;
}

/** What an action knows of the call it serves. */
export interface CallContext {
  readonly requestId: string;
  readonly region: string;
}
