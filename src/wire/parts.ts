/** Field rules that many actions share: ids, names, tags, filters, paging. */
import type { ErrorCode } from "./errors.ts";
import { flag, group, integer, list, text } from "./fields.ts";

/** The id of a VPC-family resource, such as `vpc-` and eight letters or digits. */
export function idField<const P extends string>(prefix: P) {
  return text({
    pattern: new RegExp(`^${prefix}-[0-9a-z]{8}$`),
    patternWords: `must be an id such as ${prefix}-1a2b3c4d`,
  });
}

/** The same, where the API cannot do without it. */
export function requiredId<const P extends string>(prefix: P) {
  return { ...idField(prefix), required: true } as const;
}

/** A name of at most sixty bytes, as most VPC resources have. */
export const name60Bytes = text({ required: true, notEmpty: true, maxBytes: 60 });

/** The same, where it may stay as it is. */
export const newName60Bytes = text({ notEmpty: true, maxBytes: 60 });

/** A token by which a repeated create is known to be the same one. */
export const clientToken = text({ notEmpty: true, maxChars: 64, format: "ascii" });

/** The most tags one resource has. */
export const maxTags = 50;

const printable = { pattern: /^\P{Cc}*$/u, patternWords: "must not contain control characters" } as const;

interface TagCodes {
  readonly key: ErrorCode;
  readonly keyLength: ErrorCode;
  readonly value: ErrorCode;
  readonly count: ErrorCode;
}

/** A list of tags; a value may be left out. */
export function tagList({ key, keyLength, value, count }: TagCodes) {
  const Key = { empty: key, tooLong: keyLength, malformed: key };
  const Value = { tooLong: value, malformed: value };
  return list(
    group({
      Key: text({ required: true, notEmpty: true, maxChars: 127, ...printable, codes: Key }),
      Value: text({ maxChars: 255, ...printable, codes: Value }),
    }),
    { maxItems: maxTags, codes: { count } },
  );
}

/** Tags as VPC takes them. */
export const vpcTags = tagList({
  key: "InvalidParameterValue.TagInvalidKey",
  keyLength: "InvalidParameterValue.TagInvalidKeyLen",
  value: "InvalidParameterValue.TagInvalidVal",
  count: "LimitExceeded.TagKeyPerResourceExceeded",
});

/** Tags as CLS takes them: at most ten, each with a value. */
export const clsTags = list(
  group({
    Key: text({ required: true, notEmpty: true, maxChars: 127, ...printable }),
    Value: text({ required: true, maxChars: 255, ...printable }),
  }),
  { maxItems: 10, codes: { count: "LimitExceeded.Tag" } },
);

/** The most values one filter takes. */
export const maxFilterValues = 100;

const filterCodes = {
  filter: { kind: "InvalidParameter.FilterNotDict" },
  values: { kind: "InvalidParameter.FilterValuesNotList" },
} as const;

/** VPC's filters: `{Name, Values}`; several are joined by AND, values of one by OR. */
export const vpcFilters = list(
  group(
    {
      Name: text({ required: true }),
      Values: list(text(), { required: true, maxItems: maxFilterValues, codes: filterCodes.values }),
    },
    { codes: filterCodes.filter },
  ),
  { maxItems: 10, orSingle: true },
);

function clsFilterList<const N extends number>(maxValues: N) {
  const Values = list(text(), { required: true, maxItems: maxValues });
  return list(group({ Key: text({ required: true }), Values }), { maxItems: 10, orSingle: true });
}

/** CLS's filters: `{Key, Values}`; several are joined by AND, values of one by OR. */
export const clsFilters = clsFilterList(maxFilterValues);

/** The same for logsets, which take fewer values. */
export const logsetFilters = clsFilterList(5);

/** The most ids one call takes. */
export const maxIds = 100;

/** A list of ids of one kind. */
export function idList<const P extends string>(prefix: P) {
  return list(idField(prefix), { maxItems: maxIds });
}

/** The same, where the API cannot do without it. */
export function requiredIds<const P extends string>(prefix: P) {
  return { ...idList(prefix), required: true, minItems: 1 } as const;
}

/** Which page of a listing is wanted. */
export const paging = {
  Offset: integer({ min: 0 }),
  Limit: integer({ min: 1, max: 100 }),
} as const;

/** The order of a listing. */
export const orderDirection = text({ oneOf: ["ASC", "DESC"] });

/** A true-or-false that some requests spell as a string. */
export const spelledFlag = flag();
