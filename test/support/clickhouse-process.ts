/**
 * A ClickHouse server as a process: `clickhouse-process.ts PEERS FOLDER`, configured by `FOLDER/config.xml`. It serves
 * until its standard input ends, which is when whoever started it is gone.
 *
 * The server is the one that chdb carries as a library: its command-line entry opens real ports when it is told to. An
 * undocumented use, so the version is pinned (`test/peers/package.json`).
 */
import { createRequire } from "node:module";
import { join } from "node:path";

interface Ffi {
  readonly open: (library: { readonly library: string; readonly path: string }) => void;
  readonly load: (call: object) => unknown;
  readonly DataType: { readonly I32: number; readonly StringArray: number; readonly External: number; readonly String: number };
}

const [peers, folder] = process.argv.slice(2) as [string, string];
const peersRequire = createRequire(join(peers, "package.json"));
const { open, load, DataType } = peersRequire("ffi-rs") as Ffi;
const platform = `${process.platform}-${process.arch}${process.platform === "linux" ? "-gnu" : ""}`;

process.chdir(folder);
open({ library: "chdb", path: peersRequire.resolve(`@chdb/lib-${platform}/libchdb.so`) });
const work = ["SYSTEM START LISTEN HTTP", "SYSTEM START LISTEN TCP", "SELECT * FROM file('-', 'LineAsString') FORMAT Null"];
const words = ["clickhouse", `--config-file=${folder}/config.xml`, `--path=${folder}/data`, `--query=${work.join("; ")}`];
const result = load({
  ...{ library: "chdb", funcName: "chdb_query_cmdline", retType: DataType.External },
  ...{ paramsType: [DataType.I32, DataType.StringArray], paramsValue: [words.length, words] },
});
const error = load({
  ...{ library: "chdb", funcName: "chdb_result_error", retType: DataType.String },
  ...{ paramsType: [DataType.External], paramsValue: [result] },
});
console.error(error);
