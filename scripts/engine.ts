/** Finds or builds the Pulumi engine and says where it is. Exit code 4: it can be neither found nor built. */
import { engineVersion, EngineUnavailable, findEngine } from "../src/testing/engine.ts";

try {
  const engine = await findEngine((line) => console.error(line));
  console.log(`Pulumi engine ${engineVersion(engine)}, ${engine.origin}: ${engine.binFolder}`);
} catch (error) {
  if (!(error instanceof EngineUnavailable)) throw error;
  console.error(error.message);
  process.exitCode = 4;
}
