import { suite } from "./suite.ts";

suite("official SDK through a proxy");
