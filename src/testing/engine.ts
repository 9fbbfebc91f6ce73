/**
 * The Pulumi engine: found on PATH, or built once from its Go modules and cached outside the repository.
 *
 * The engine is three programs side by side: the `pulumi` command, the Node.js language host, and the small
 * launcher that dynamic resources need. What is built here never touches the user's own Pulumi set-up.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { access, chmod, constants, cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The version of the Pulumi command that is built where none is installed. */
export const builtEngineVersion = "3.259.0";

/** Where an engine stands and how it came there. */
export interface Engine {
  /** The folder that holds `pulumi`, its language host and the launcher of dynamic resources. */
  readonly binFolder: string;
  readonly origin: "found on PATH" | "built earlier" | "built now";
}

/** There is neither `pulumi` nor Go on this machine, or building the engine failed. */
export class EngineUnavailable extends Error {
  override readonly name = "EngineUnavailable";
}

interface GoProgram {
  readonly moduleFolder: string;
  readonly packagePath: string;
  readonly binary: string;
  readonly linkerFlags: string;
}

const versionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

const goPrograms: readonly GoProgram[] = [
  {
    moduleFolder: "cli",
    packagePath: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    binary: "pulumi",
    linkerFlags: `-s -w -X ${versionVariable}=${builtEngineVersion}`,
  },
  {
    moduleFolder: "language-nodejs",
    packagePath: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    binary: "pulumi-language-nodejs",
    linkerFlags: "-s -w",
  },
];

// The engine starts this for every dynamic resource; the SDK that the program itself uses is the one that runs it.
const dynamicLauncher = `#!/bin/sh
exec node "$(node -p 'require.resolve("@pulumi/pulumi/cmd/dynamic-provider")')" "$@"
`;

const modulesFolder = fileURLToPath(new URL("../../engine/", import.meta.url));

/** Finds the engine, building it when there is none; `report` receives lines meant for a person. */
export async function findEngine(report: (line: string) => void = () => {}): Promise<Engine> {
  const installed = await folderOnPath("pulumi");
  if (installed !== undefined) return { binFolder: installed, origin: "found on PATH" };
  const cached = join(await cacheFolder(), "bin");
  if (await isExecutable(join(cached, "pulumi"))) return { binFolder: cached, origin: "built earlier" };
  if ((await folderOnPath("go")) === undefined) {
    throw new EngineUnavailable(
      "There is neither `pulumi` nor `go` on PATH. Install the Pulumi CLI (https://www.pulumi.com/docs/install/), " +
        "or install Go 1.25 or newer and run this again: the engine is then built once and cached.",
    );
  }
  await buildInto(cached, report);
  return { binFolder: cached, origin: "built now" };
}

async function cacheFolder(): Promise<string> {
  const root = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const fingerprint = createHash("sha256").update(dynamicLauncher).update(JSON.stringify(goPrograms));
  for (const { moduleFolder } of goPrograms) {
    fingerprint.update(await readFile(join(modulesFolder, moduleFolder, "go.sum")));
  }
  return join(root, "pulumi-flowlogs", `engine-${builtEngineVersion}-${fingerprint.digest("hex").slice(0, 12)}`);
}

async function buildInto(binFolder: string, report: (line: string) => void): Promise<void> {
  const home = dirname(binFolder);
  await mkdir(dirname(home), { recursive: true });
  const scratch = await mkdtemp(`${home}-building-`);
  const startedMs = performance.now();
  report(`Building the Pulumi engine ${builtEngineVersion} from its Go modules: once, about 4 minutes on 2 cores.`);
  const progress = setInterval(() => {
    report(`  still building the Pulumi engine (${Math.round((performance.now() - startedMs) / 1000)} s)`);
  }, 20_000);
  try {
    for (const program of goPrograms) await buildProgram(program, scratch);
    const launcher = join(scratch, "bin", "pulumi-resource-pulumi-nodejs");
    await writeFile(launcher, dynamicLauncher);
    await chmod(launcher, 0o755);
    await publish(scratch, home);
  } finally {
    clearInterval(progress);
    await rm(scratch, { recursive: true, force: true });
  }
  report(`Built the Pulumi engine in ${Math.round((performance.now() - startedMs) / 1000)} s; kept in ${home}`);
}

/** Moves a finished build into place; where another process was quicker, its build is the one that stays. */
async function publish(scratch: string, home: string): Promise<void> {
  try {
    await rename(scratch, home);
  } catch (error) {
    if (!(await isExecutable(join(home, "bin", "pulumi")))) throw error;
  }
}

async function buildProgram(program: GoProgram, scratch: string): Promise<void> {
  // The modules are copied: Go may not write beside the originals, which can be read-only in an installed package.
  const source = join(scratch, "src", program.moduleFolder);
  await cp(join(modulesFolder, program.moduleFolder), source, { recursive: true });
  const output = join(scratch, "bin", program.binary);
  const args = ["build", "-trimpath", "-ldflags", program.linkerFlags, "-o", output, program.packagePath];
  const child = spawn("go", args, { cwd: source, stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  if (code !== 0) {
    throw new EngineUnavailable(`go build of ${program.packagePath} ended with code ${code}:\n${complaint.trim()}`);
  }
}

async function folderOnPath(command: string): Promise<string | undefined> {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    if (folder !== "" && (await isExecutable(join(folder, command)))) return folder;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The version that an engine reports of itself, such as `3.259.0`. */
export function engineVersion(engine: Engine): string {
  const answer = spawnSync(join(engine.binFolder, "pulumi"), ["version"], { encoding: "utf8" });
  return answer.stdout.trim().replace(/^v/, "");
}
