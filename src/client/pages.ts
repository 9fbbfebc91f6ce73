/** Listings page by page: the items of a Describe action, however many there are. */
import type { ActionName, ActionRequest, ActionResponse, Call } from "../wire/actions.ts";

/** Actions that answer a page of a list. */
export type PagedAction = {
  [A in ActionName]: A extends `Describe${string}` ? ("Offset" extends keyof ActionRequest<A> ? A : never) : never;
}[ActionName];

type ListOf<R> = { [K in keyof R]: R[K] extends readonly (infer T)[] ? T : never }[keyof R];

/** An item of a listing. */
export type ItemOf<A extends PagedAction> = ListOf<ActionResponse<A>>;

/** What a listing is asked for, less the page. */
export type ListingOf<A extends PagedAction> = Omit<ActionRequest<A>, "Offset">;

/** Most items of one page, where the API's page does not say otherwise. */
const pageSize = 100;

/** Actions whose Offset and Limit are strings in the API. */
const spelledAsText: ReadonlySet<ActionName> = new Set<ActionName>(["DescribeVpcs", "DescribeSubnets", "DescribeSecurityGroups"]);

/**
 * Every item of a listing, one page at a time. What is made or deleted meanwhile can be missed or come twice, as the API
 * pages by position; `Limit` is the size of a page.
 */
export async function* items<A extends PagedAction>(call: Call, action: A, listing: ListingOf<A>): AsyncGenerator<ItemOf<A>> {
  const spell = (value: number) => (spelledAsText.has(action) ? String(value) : value);
  const { Limit = pageSize } = listing as { Limit?: number | string };
  for (let offset = 0; ; ) {
    const page = { ...listing, Offset: spell(offset), Limit: spell(Number(Limit)) };
    const { list, total } = readPage(await call(action, page as unknown as ActionRequest<A>));
    yield* list as ItemOf<A>[];
    offset += list.length;
    if (list.length === 0 || offset >= total) return;
  }
}

function readPage(answer: object): { list: unknown[]; total: number } {
  const fields: [string, unknown][] = Object.entries(answer);
  const list = fields.map(([, value]) => value).find((value) => Array.isArray(value)) as unknown[] | undefined;
  const total = fields.find(([name]) => /^Total(Count|Num)$/.test(name))?.[1];
  return { list: list ?? [], total: Number(total ?? 0) };
}
