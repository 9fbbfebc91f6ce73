/** Field rules that many actions share: ids, tags, filters, paging. */
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

/** Tags as VPC takes them: a tag's value may be left out. */
export const vpcTags = list(
  group({ Key: text({ required: true, notEmpty: true, maxChars: 127 }), Value: text({ maxChars: 255 }) }),
);

/** Tags as CLS takes them: at most ten, each with a value. */
export const clsTags = list(
  group({
    Key: text({ required: true, notEmpty: true, maxChars: 127 }),
    Value: text({ required: true, maxChars: 255 }),
  }),
  { maxItems: 10 },
);

/** The most values one filter takes. */
export const maxFilterValues = 100;

/** VPC's filters: `{Name, Values}`; several are joined by AND, values of one by OR. */
export const vpcFilters = list(
  group({ Name: text({ required: true }), Values: list(text(), { required: true, maxItems: maxFilterValues }) }),
  { maxItems: 10, orSingle: true },
);

/** CLS's filters: `{Key, Values}`; several are joined by AND, values of one by OR. */
export const clsFilters = list(
  group({ Key: text({ required: true }), Values: list(text(), { required: true, maxItems: maxFilterValues }) }),
  { maxItems: 10, orSingle: true },
);

/** The most ids one Describe call takes. */
export const maxIds = 100;

/** A list of ids of one kind. */
export function idList<const P extends string>(prefix: P) {
  return list(idField(prefix), { maxItems: maxIds });
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
