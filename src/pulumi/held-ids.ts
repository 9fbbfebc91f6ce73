/** Which resources the stack's state holds: a create never takes one of them for a leftover. */
import { exportStackState, type StackState } from "./stack-state.ts";

/** The ids that this process knows to be held, and the state itself for the rest. */
export class HeldIds {
  private readonly known = new Set<string>();
  private readonly turns = new Map<string, Promise<unknown>>();
  private state: Promise<StackState> | undefined;

  /** Takes note of one that the engine has shown, or that was made now. */
  add(kind: string, id: string): void {
    this.known.add(`${kind} ${id}`);
  }

  /**
   * Whether one is held. The engine shows most ids that it holds, but not those that `pulumi up --replace` or `pulumi state
   * taint` replace; these only the state itself tells from what an interrupted run left. It is asked once, and only when
   * something was found that could be taken up.
   */
  async has(kind: string, id: string, owner: string): Promise<boolean> {
    if (this.known.has(`${kind} ${id}`)) return true;
    const stack = owner.split("/").slice(1, -1).join("/");
    this.state ??= exportStackState(stack);
    const { resources } = await this.state.catch((error: unknown) => {
      const words = `${kind} ${id} carries the mark of ${owner}, but whether the stack's state holds it cannot be told`;
      throw new Error(`${words}: ${(error as Error).message}`);
    });
    return resources.some((each) => each.kind === kind && each.id === id);
  }

  /** Runs work when all earlier work under the same key is done. */
  async inTurn<R>(key: string, work: () => Promise<R>): Promise<R> {
    const before = this.turns.get(key) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.turns.set(key, turn.catch(() => {}));
    return turn;
  }
}
