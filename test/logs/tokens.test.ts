/** A word's pattern as a regular expression over the whole text finds what it finds token by token. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { patternsOf, tokenRun, tokensOf, tokenTest } from "../../src/backend/logs/query/tokens.ts";

const tokenizers = [" ", " :", "\":/", ""];
const text = fc.string({ unit: fc.constantFrom("a", "B", "1", " ", ":", "\"", "/"), maxLength: 8 });
const pieces = fc.array(fc.oneof(fc.string({ unit: fc.constantFrom("a", "b", "1", ":", "\""), minLength: 1, maxLength: 2 }), fc.constantFrom({ wildcard: "many" as const }, { wildcard: "one" as const })), { minLength: 1, maxLength: 3 });

test("one word, in texts of any form, empty ones among them", () => {
  fc.assert(
    fc.property(text, pieces, fc.constantFrom(...tokenizers), fc.boolean(), (log, word, tokenizer, caseSensitive) => {
      for (const pattern of patternsOf(word, tokenizer)) {
        const expression = tokenRun([pattern], tokenizer, caseSensitive);
        // JavaScript has the flags behind the expression.
        const [, flags, body] = /^\(\?(i?s)\)(.*)$/s.exec(expression)!;
        expect(new RegExp(body!, flags).test(log)).toBe(tokensOf(log, tokenizer).some(tokenTest(pattern, caseSensitive)));
      }
    }),
    { numRuns: 2000 },
  );
});
