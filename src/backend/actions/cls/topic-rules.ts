/** What a topic's retention may be, and which names are taken: shared by making and changing a topic. */
import { permanentPeriodDays } from "../../../wire/cls.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { Topic } from "../../logs/topic.ts";
import type { Rooms } from "../../rooms.ts";

/** Topics that the log service keeps for itself. */
const reservedNames: ReadonlySet<string> = new Set([
  "cls_service_log",
  "loglistener_status",
  "loglistener_alarm",
  "loglistener_business",
  "cls_service_metric",
]);

const longestPeriodDays = 3600;
const shortestColdPeriodDays = 7;
const shortestHotPeriodDays = 7;

/** Refuses a retention that the storage type does not have. */
export function checkPeriods(topic: Pick<Topic, "storageType" | "periodDays" | "hotPeriodDays">): void {
  const { storageType, periodDays, hotPeriodDays } = topic;
  const shortest = storageType === "cold" ? shortestColdPeriodDays : 1;
  const isFinite = periodDays >= shortest && periodDays <= longestPeriodDays;
  if (!isFinite && periodDays !== permanentPeriodDays) {
    const allowed = `${shortest} to ${longestPeriodDays} days, or ${permanentPeriodDays} for ever`;
    throw new ApiError("FailedOperation.InvalidPeriod", `Period: ${periodDays} for ${storageType} storage must be ${allowed}`);
  }
  if (hotPeriodDays === 0) return;
  if (storageType === "cold" || hotPeriodDays < shortestHotPeriodDays || hotPeriodDays >= periodDays) {
    const allowed = `0, or at least ${shortestHotPeriodDays} and below Period (${periodDays}), in hot storage`;
    throw new ApiError("FailedOperation.InvalidPeriod", `HotPeriod: ${hotPeriodDays} must be ${allowed}`);
  }
}

/** Refuses a name that is the service's own or that another topic of the logset has. */
export function refuseTakenTopicName(rooms: Rooms, logsetId: string, name: string, exceptId?: string): void {
  const given = `TopicName: ${JSON.stringify(name)}`;
  if (reservedNames.has(name)) throw new ApiError("InvalidParameter", `${given} is reserved by the log service`);
  const holder = rooms.logs.topicsOf(logsetId).find((topic) => topic.name === name && topic.id !== exceptId);
  if (holder !== undefined) {
    throw new ApiError("InvalidParameter.TopicConflict", `${given} is taken by ${holder.id} in logset ${logsetId}`);
  }
}
