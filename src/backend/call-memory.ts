/**
 * What is remembered of calls that were answered: the tasks that asynchronous ones began, and what was answered to
 * those that carry a client token. Both are bounded; the oldest are forgotten first.
 */
import type { Collection, Ledger } from "./ledger.ts";

/** A task that an asynchronous action began. It is done when the action answers, as everything here is. */
export interface Task {
  readonly resourceIds: readonly string[];
}

/** A call that carried a client token: what it asked, as JSON, and what it was answered. */
export interface TokenCall {
  readonly request: string;
  readonly answer: unknown;
}

/** The most tasks, and the most client tokens, that are remembered. */
const maxRemembered = 1000;

/** The account's tasks by id, and its tokened calls by action and token. */
export class CallMemory {
  private readonly tasks: Collection<Task>;
  private readonly tokens: Collection<TokenCall>;
  private readonly numbers: Collection<{ last: number }>;

  constructor(ledger: Ledger) {
    this.tasks = ledger.collection("task");
    this.tokens = ledger.collection("client-token");
    this.numbers = ledger.collection("task-number");
  }

  task(id: string): Task | undefined {
    return this.tasks.get(id);
  }

  /** Remembers a task under the id of the request that began it. */
  keepTask(id: string, resourceIds: readonly string[]): void {
    keep(this.tasks, id, { resourceIds });
  }

  /** Remembers a task under a number of its own, as the EIP actions give out. */
  keepNumberedTask(resourceIds: readonly string[]): string {
    const last = (this.numbers.get("last")?.last ?? 0) + 1;
    this.numbers.put("last", { last });
    this.keepTask(String(last), resourceIds);
    return String(last);
  }

  tokenCall(action: string, token: string): TokenCall | undefined {
    return this.tokens.get(`${action} ${token}`);
  }

  keepTokenCall(action: string, token: string, call: TokenCall): void {
    keep(this.tokens, `${action} ${token}`, call);
  }
}

function keep<T>(collection: Collection<T>, id: string, item: T): void {
  if (collection.size >= maxRemembered) collection.delete(collection.firstId()!);
  collection.put(id, item);
}
