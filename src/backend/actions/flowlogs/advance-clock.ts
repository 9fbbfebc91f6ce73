import { ApiError } from "../../../wire/errors.ts";
import { VirtualClock } from "../../clock.ts";
import type { Handler } from "../action.ts";
import { shownClock } from "./describe-clock.ts";

/** Moves a virtual clock; everything that falls due has happened when this answers. */
export const advanceClock: Handler<"AdvanceClock"> = async (rooms, { Seconds, ToMs }) => {
  const { clock } = rooms;
  if (!(clock instanceof VirtualClock)) {
    throw new ApiError("UnsupportedOperation", "this backend runs on the real clock: start it with --clock virtual to move time");
  }
  if ((Seconds === undefined) === (ToMs === undefined)) {
    throw new ApiError("MissingParameter", "exactly one of Seconds, ToMs is required");
  }
  if (ToMs !== undefined && ToMs < clock.nowMs()) {
    throw new ApiError("InvalidParameterValue", `ToMs: ${ToMs} is before now (${clock.nowMs()}), and time goes forward`);
  }
  await clock.moveTo(ToMs ?? clock.nowMs() + Seconds! * 1000);
  return shownClock(rooms);
};
