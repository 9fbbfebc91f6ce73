/** Everything that a ClickHouse store keeps of a topic, in portions, to be copied elsewhere. */
import { hourMs } from "../arrival.ts";
import { allOf } from "../condition/boolean.ts";
import { cut, type Portion } from "../copying.ts";
import { type Ground, logsWithRules, moments } from "./reading.ts";
import { sqlText } from "./sql.ts";

/** The portions of a topic. */
export async function* portionsOf(ground: Ground, topicId: string, size: number): AsyncGenerator<Portion> {
  for (const { kind, hours } of ground.notes.holdings([topicId])) {
    for (const hour of hours) {
      const within = moments[kind].within({ fromMs: hour * hourMs, toMs: (hour + 1) * hourMs });
      for (let last = 0; ; ) {
        const logs = await logsWithRules(ground, kind, topicId, allOf([`topic = ${sqlText(topicId)}`, within, `sequence > ${last}`]), size);
        yield* cut(logs, kind === "record", `${kind === "record" ? "records" : "logs"} ${hour}`);
        if (logs.length < size) break;
        last = logs.at(-1)!.log.sequence;
      }
    }
  }
}
