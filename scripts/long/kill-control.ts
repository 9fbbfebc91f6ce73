/** `npm run long -- kill-control [KILLS [SEED]]`: what `kill -9` leaves of acknowledged control-plane writes. */
import { runKills } from "../../test/support/kill-run.ts";
import { markdownTable, provenance, writeSection } from "../report.ts";

export async function run([kills = "240", seed = "20261122"]: string[]): Promise<void> {
  const startedMs = performance.now();
  const found = await runKills({ kills: Number(kills), seed: Number(seed), report: (line) => process.stderr.write(`\r${line}`) });
  process.stderr.write("\n");
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  const rows = [
    ["kills", found.kills],
    ["of these while the backend was starting", found.whileStarting],
    ["writes acknowledged", found.acknowledged],
    ["calls under way at a kill", found.underWay],
    ["of these done, though nobody was told", found.doneUntold],
    ["**acknowledged and lost, or otherwise than acknowledged**", `**${found.lost.length}**`],
  ];
  const command = `npm run long -- kill-control ${kills} ${seed}`;
  const text = `${provenance(command)} ${seconds} s.

Four writers create, change and delete VPCs and logsets over the signed API while the backend (durable, SQLite in WAL mode
with full syncing) is killed with \`kill -9\` after a random number of acknowledged writes. A new backend on the same
folder must show exactly what was acknowledged; a call that was under way may be done or not. A folder lives through 20 kills.

${markdownTable(["", "count"], rows)}
${found.lost.map((line) => `\n- ${line}`).join("")}`;
  writeSection("docs/reliability.md", "kill-control", "Killed while acknowledging control-plane writes", text);
  console.log(text);
  if (found.lost.length > 0) process.exitCode = 1;
}
