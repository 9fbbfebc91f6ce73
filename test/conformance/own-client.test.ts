import { suite } from "./suite.ts";

suite("over HTTP with our client");
suite("tccli's own Host");
