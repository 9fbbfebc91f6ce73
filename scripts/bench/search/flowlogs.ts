/** Our backend on the data folder: a real `flowlogs serve`, asked by signed calls. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Agent, request } from "undici";
import { flowlogsCall } from "../control/load.ts";
import { secret } from "../control/processes.ts";
import type { Built } from "./database.ts";
import type { Engine } from "./engine.ts";
import { evict } from "./eviction.ts";
import { beginSeconds, hours } from "./records.ts";
import type { Question } from "./questions.ts";

const program = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));
const range = { From: beginSeconds * 1000, To: (beginSeconds + hours * 3600) * 1000 };

interface Response {
  readonly Error?: { readonly Message: string };
  readonly Results?: readonly unknown[] | null;
  readonly AnalysisRecords?: readonly string[] | null;
  readonly TotalCount?: number;
}

/** Starts the backend and lets it open the store. */
export async function startFlowlogsOn({ folder, topicIds }: Built): Promise<Engine & { readonly port: number }> {
  const args = ["serve", "--port", "0", "--data", folder, "--clock", "virtual"];
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...secret }, stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.setEncoding("utf8").once("data", (text: string) => resolve(Number(/:(\d+) /.exec(text)?.[1])));
    child.once("close", (code) => reject(new Error(`flowlogs serve ended with ${code}`)));
  });
  // A connection for each call: one that is kept may be closed by the server just when it is used again.
  const agent = new Agent({ pipelining: 0 });
  const call = async (action: string, fields: object): Promise<Response> => {
    const { body, headers } = flowlogsCall(port, action, fields, "cls");
    const answer = await request(`http://127.0.0.1:${port}/`, { method: "POST", headers, body, dispatcher: agent });
    const { Response } = (await answer.body.json()) as { Response: Response };
    if (Response.Error !== undefined) throw new Error(`${action} ${body}: ${Response.Error.Message}`);
    return Response;
  };
  const ask = async ({ own: { action, query, topics }, by }: Question) => {
    if (action === "DescribeLogHistogram") {
      let count = 0;
      for (const topic of topics) count += (await call(action, { TopicId: topicIds[topic], Query: query, SyntaxRule: 1, Interval: 600_000, ...range })).TotalCount!;
      return { count };
    }
    const Topics = topics.map((topic) => ({ TopicId: topicIds[topic] }));
    const { Results, AnalysisRecords } = await call(action, { Topics, QueryString: query, QuerySyntax: 1, SyntaxRule: 1, UseNewAnalysis: true, Limit: 100, ...range });
    if (!query.includes("|")) return { count: Results!.length };
    return { count: by === "rows" ? AnalysisRecords!.length : (Object.values(JSON.parse(AnalysisRecords![0]!) as Record<string, number>)[0] ?? 0) };
  };
  await call("SearchLog", { Topics: [{ TopicId: topicIds[0] }], QueryString: "*", SyntaxRule: 1, Limit: 1, From: 0, To: 1 });
  return {
    name: "flowlogs",
    port,
    pid: child.pid!,
    ask,
    async chill() {
      await evict(join(folder, "logs"));
    },
    async stop() {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      await ended;
    },
  };
}
