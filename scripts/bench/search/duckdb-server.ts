/** A DuckDB file behind HTTP: `duckdb-server.ts FILE` answers SQL that is posted to it with rows as JSON. */
import { createServer } from "node:http";
import { DuckDBInstance } from "@duckdb/node-api";

const instance = await DuckDBInstance.create(process.argv[2], { threads: "2", memory_limit: "2GB", enable_external_file_cache: "false" });
const connection = await instance.connect();

const server = createServer((request, response) => {
  let sql = "";
  request.setEncoding("utf8").on("data", (text: string) => (sql += text));
  request.on("end", () => {
    void connection
      .runAndReadAll(sql)
      .then((reader) => [200, JSON.stringify(reader.getRows(), (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value))] as const)
      .catch((error: unknown) => [500, String(error)] as const)
      .then(([status, text]) => response.writeHead(status).end(text));
  });
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify(server.address())));
