import { suite } from "./suite.ts";

suite("official SDK, HmacSHA1 GET");
suite("official SDK, HmacSHA256 POST");
