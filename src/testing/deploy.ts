/**
 * Deploys a Pulumi program against a backend, for tests and demonstrations: a Pulumi home, state and passphrase of its
 * own, so that nothing of the user's set-up is touched.
 */
import { mkdirSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import { type Engine, findEngine } from "./engine.ts";

/** What to deploy and where. */
export interface DeployOptions {
  /** The folder that holds Pulumi.yaml. */
  readonly projectFolder: string;
  readonly stackName: string;
  /** Where Pulumi's home and state are kept; made when it is not there. */
  readonly homeFolder: string;
  /** The backend's URL. */
  readonly endpoint: string;
  /** The backend's data folder, where its key pair is. */
  readonly dataFolder: string;
  /** Told of what takes long, such as building the engine. */
  readonly report?: (line: string) => void;
}

/** The environment in which `pulumi` works on such a stack; also for a person who goes on by hand. */
export function pulumiEnvironment(engine: Engine, options: DeployOptions): Record<string, string> {
  const home = resolve(options.homeFolder);
  // The Node that runs this runs the program and the provider too.
  const path = [engine.binFolder, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
  return {
    PATH: path,
    PULUMI_HOME: join(home, "home"),
    // Beside each state Pulumi writes a file of metadata, in place: killed in the middle, it could not read the state again.
    PULUMI_BACKEND_URL: `file://${join(home, "state")}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE: "flowlogs",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    FLOWLOGS_ENDPOINT: options.endpoint,
    FLOWLOGS_DATA: resolve(options.dataFolder),
  };
}

/** Opens a stack, creating it when it is not there. */
export async function openStack(options: DeployOptions): Promise<Stack> {
  const engine = await findEngine(options.report);
  const envVars = pulumiEnvironment(engine, options);
  for (const folder of ["home", "state"]) mkdirSync(join(options.homeFolder, folder), { recursive: true });
  // An engine of our own lies in `<root>/bin`; one that the user installed may lie anywhere, but is on PATH.
  const command =
    engine.origin === "found on PATH"
      ? await PulumiCommand.get()
      : await PulumiCommand.get({ root: dirname(engine.binFolder) });
  return LocalWorkspace.createOrSelectStack(
    { stackName: options.stackName, workDir: options.projectFolder },
    { pulumiCommand: command, pulumiHome: join(options.homeFolder, "home"), envVars },
  );
}
