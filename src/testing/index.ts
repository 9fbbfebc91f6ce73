/** For tests of your own: a cloud in the process with a clock you move, or a backend and a stack deployed on it. */
export { Cloud, type CloudOptions, createCloud, memoryDisk } from "../backend/cloud.ts";
export { VirtualClock } from "../backend/clock.ts";
export { SeededRandom } from "../backend/ids.ts";
export { type Backend, type BackendOptions, startBackend } from "../backend/main.ts";
export { type DeployOptions, openStack, pulumiEnvironment } from "./deploy.ts";
export { builtEngineVersion, type Engine, engineVersion, EngineUnavailable, findEngine } from "./engine.ts";
