/** The calls that most resources make alike: reading, tagging and deleting what may be gone already. */
import type { ActionName, ActionRequest } from "../wire/actions.ts";
import { type Api, isMarkerKey, markerKeys, type Shown, type Tagged } from "./resource-model.ts";

/** Whether an error is the API's answer that something does not exist. */
export function isNotFound(error: unknown): boolean {
  return /^ResourceNotFound|^InvalidSecurityGroupID\.NotFound$|RecordNotExists$/.test(codeOf(error));
}

/** The API's error code, or nothing for errors that are not the API's. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Runs a call whose object may be gone; undefined when it is. */
export async function unlessGone<R>(call: Promise<R>): Promise<R | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The filter that finds objects with a mark, that of one owner where one is named. */
export function markFilter(owner: string | undefined): { Name: string; Values: string[] }[] {
  if (owner === undefined) return [{ Name: "tag-key", Values: [markerKeys.owner] }];
  return [{ Name: `tag:${markerKeys.owner}`, Values: [owner] }];
}

/** The same for the log service, whose filters are spelled otherwise. */
export function clsMarkFilter(owner: string | undefined): { Key: string; Values: string[] }[] {
  if (owner === undefined) return [{ Key: "tagKey", Values: [markerKeys.owner] }];
  return [{ Key: `tag:${markerKeys.owner}`, Values: [owner] }];
}

/** Most objects that one call lists. */
const pageLimit = 100;

/** All pages of a listing. */
export async function everyPage(list: (page: { Offset: number; Limit: number }) => Promise<readonly Tagged[]>): Promise<Tagged[]> {
  const all: Tagged[] = [];
  for (;;) {
    const page = await list({ Offset: all.length, Limit: pageLimit });
    all.push(...page);
    if (page.length < pageLimit) return all;
  }
}

/** Objects by their ids and tags. */
export function tagged<O>(objects: readonly O[], idOf: (object: O) => string, tagsOf: (object: O) => Tagged["tags"]): Tagged[] {
  return objects.map((object) => ({ id: idOf(object), tags: tagsOf(object) }));
}

/** Sets a resource's tags through the tag service; the marker's own stay. */
export async function setTags(api: Api, prefix: string, id: string, wanted: unknown): Promise<void> {
  const tags = (wanted ?? {}) as Readonly<Record<string, string>>;
  const { Tags } = await api.call("DescribeResourceTagsByResourceIds", {
    ServiceType: "vpc",
    ResourcePrefix: prefix as "vpc",
    ResourceIds: [id],
    ResourceRegion: api.region,
    Limit: 400,
  });
  const gone = Tags.map(({ TagKey }) => TagKey).filter((key) => !isMarkerKey(key) && !Object.hasOwn(tags, key));
  const ReplaceTags = Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
  const DeleteTags = gone.map((TagKey) => ({ TagKey }));
  if (ReplaceTags.length + DeleteTags.length === 0) return;
  await api.call("ModifyResourceTags", {
    Resource: `qcs::vpc:${api.region}:uin/:${prefix}/${id}`,
    ...(ReplaceTags.length > 0 ? { ReplaceTags } : {}),
    ...(DeleteTags.length > 0 ? { DeleteTags } : {}),
  });
}

/** For each property that a Modify action can change: its field there, and what a property left out means. */
export type ModifyFields = Readonly<Record<string, readonly [wire: string, whenLeftOut: unknown]>>;

/** Calls a Modify action with those of its fields that changed; makes no call when none did. */
export async function modify<A extends ActionName>(
  api: Api,
  action: A,
  id: Partial<ActionRequest<A>>,
  changes: { readonly changed: ReadonlySet<string>; readonly news: Shown },
  fields: ModifyFields,
): Promise<void> {
  const { changed, news } = changes;
  const given = Object.entries(fields).filter(([property]) => changed.has(property));
  if (given.length === 0) return;
  const values = given.map(([property, [wire, whenLeftOut]]) => [wire, news[property] ?? whenLeftOut]);
  await api.call(action, { ...id, ...Object.fromEntries(values) } as ActionRequest<A>);
}

/** An API object as a plain one. */
export function asShown(object: object | undefined): Shown | undefined {
  return object as Shown | undefined;
}
