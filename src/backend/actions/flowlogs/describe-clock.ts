import type { ClockObject } from "../../../wire/flowlogs.ts";
import type { Rooms } from "../../rooms.ts";
import type { Handler } from "../action.ts";

/** The time, and whose it is: the machine's or the caller's. */
export const describeClock: Handler<"DescribeClock"> = (rooms) => shownClock(rooms);

/** The clock as the API answers it. */
export function shownClock({ clock, setting }: Rooms): ClockObject {
  return {
    Kind: clock.kind,
    NowMs: clock.nowMs(),
    WindowSeconds: setting.windowSeconds,
    PublishDelaySeconds: setting.publishDelaySeconds,
  };
}
