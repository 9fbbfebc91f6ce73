import * as flowlogs from "pulumi-flowlogs";
const logset = new flowlogs.Logset("logs", {});
export const id = logset.id;
