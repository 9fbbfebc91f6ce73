import { suite } from "./suite.ts";

suite("official SDK, TC3 POST");
suite("official SDK, TC3 GET");
