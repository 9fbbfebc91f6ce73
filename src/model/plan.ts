/** What a change means: nothing, an update, or a replacement, as each property's row says. */
import { isEmpty, isSame } from "./convert.ts";
import type { Properties, PropertyModel, ResourceModel } from "./resource-model.ts";
import { holdsUnknown } from "./unknown.ts";

/** The plan for one resource. */
export interface Plan {
  /** The properties that change, in the order of the table. */
  readonly changed: readonly string[];
  /** Those of them that force a replacement. */
  readonly replaces: readonly string[];
  /** The old one must go first, because both cannot stand side by side. */
  readonly deleteBeforeReplace: boolean;
}

/** Whether the resource with an id goes in this run, so that no new value can be that id. */
export type IsLeaving = (id: unknown) => boolean;

/**
 * Compares a resource's state with new inputs. A made-up name is the same whatever it is.
 *
 * A value that is not known yet counts as a change, but not as a reason to replace: it may turn out to be the same. When
 * it is known, at `up`, the real comparison decides. Only where the old value is the id of a resource that goes in this
 * very run is it certain to be another one; the engine must know that beforehand, because what stands in a subnet has to
 * go before the subnet does.
 */
export function plan(model: ResourceModel, olds: Properties, news: Properties, isLeaving: IsLeaving = () => false): Plan {
  const isMadeUpTwice = olds["autoNamed"] === true && news["autoNamed"] === true;
  const names = Object.keys(model.properties).filter((name) => !(isMadeUpTwice && model.properties[name]!.autoName));
  const changed = names.filter((name) => holdsUnknown(news[name]) || hasChanged(model.properties[name]!, olds[name], news[name]));
  const isCertain = (name: string) => !holdsUnknown(news[name]) || isLeaving(olds[name]);
  const replaces = changed.filter((name) => model.properties[name]!.replaceOnChange && isCertain(name));
  // How long its operations may take is kept in the state, where a delete finds it.
  if (!isSame(olds["customTimeouts"], news["customTimeouts"])) changed.push("customTimeouts");
  return { changed, replaces, deleteBeforeReplace: replaces.length > 0 && keepsSlot(model, olds, news) };
}

/** Whether a property means something else now: left out, it means what the cloud takes or has chosen. */
function hasChanged(property: PropertyModel, before: unknown, after: unknown): boolean {
  if (after === undefined && property.chosenByCloud) return false;
  const [old, now] = [before ?? property.default, after ?? property.default];
  return !isSame(old, now) && !(isEmpty(old) && isEmpty(now));
}

/** Whether the replacement wants a place that the old resource holds. */
function keepsSlot(model: ResourceModel, olds: Properties, news: Properties): boolean {
  return model.slots.some((slot) =>
    slot.every((name) => {
      // A made-up name is made up afresh for the replacement.
      const { autoName, clashes } = model.properties[name]!;
      const [before, after] = [olds[name], news[name]];
      if ((autoName && news["autoNamed"] === true) || before === undefined || after === undefined) return false;
      return isSame(before, after) || (!holdsUnknown(after) && clashes?.(before as never, after as never) === true);
    }),
  );
}
