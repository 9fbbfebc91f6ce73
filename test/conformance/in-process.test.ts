import { suite } from "./suite.ts";

suite("in the process");
