/**
 * What a resource *is*: one table each, read by every engine that manages it.
 *
 * A property's rules (type, limits, allowed values) are those of its field in the create action; the table adds what a
 * change of it means, and where the API shows it again.
 */
import type { ActionName, Call } from "../wire/actions.ts";

/** A property that a program gives. */
export interface PropertyModel {
  /** The field it becomes, dotted where it is nested; none for what only the provider looks at. */
  readonly wire?: string;
  /** The action that has the field, where it is not the create action. */
  readonly action?: ActionName;
  /** One sentence for the reference page and the editor. */
  readonly doc: string;
  /** A change deletes the resource and makes it again; without it, a change is made in place. */
  readonly replaceOnChange?: true;
  /** Left out, it gets the resource's name in the program and a random suffix. */
  readonly autoName?: true;
  /** What the cloud takes when it is left out, so that reading it back is no change. */
  readonly default?: unknown;
  /** Left out, the cloud chooses a value, and that is no change either. */
  readonly chosenByCloud?: true;
  /** A map from key to value here, a list of keys and values there. */
  readonly isTags?: true;
  /** The field of the described object that shows it, where it is called otherwise. */
  readonly shownAs?: string;
  /** Of the fields of each item, only these are the program's; the cloud adds others. */
  readonly itemFields?: readonly string[];
  /** The spelling that the cloud keeps, so that reading it back is no change. */
  readonly canonical?: (value: never) => unknown;
  /** Whether two values cannot stand side by side in one place (see `slots`), though they are not the same. */
  readonly clashes?: (before: never, after: never) => boolean;
  /** What an item or the object is called as a TypeScript type. */
  readonly itemType?: string;
  /** The TypeScript type, where it is not to be read off the field's rule. */
  readonly type?: string;
}

/** A value that only the cloud knows. */
export interface OutputModel {
  /** The field of the described object. */
  readonly shownAs: string;
  readonly doc: string;
}

/** An object as a Describe action shows it. */
export type Shown = Readonly<Record<string, unknown>>;

/** A resource's properties by name, as a program gives them and as the state keeps them. */
export type Properties = Record<string, unknown>;

/** A kind of resource. */
export interface ResourceModel {
  /** Its name in programs: `FlowLog`. */
  readonly name: string;
  readonly doc: string;
  readonly create: ActionName;
  readonly properties: Readonly<Record<string, PropertyModel>>;
  readonly outputs: Readonly<Record<string, OutputModel>>;
  /**
   * What only one resource can hold at a time: the names of properties that together make such a place. Where each of
   * them stays the same or clashes with what it was, a replacement must delete first.
   */
  readonly slots: readonly (readonly string[])[];
  /** The codes with which a create says that its place is taken. */
  readonly conflicts: readonly string[];
  /** How to find, make, change and delete it, beyond what the table says. */
  readonly steps: Steps;
}

/** The API as a resource's life meets it. */
export interface Api {
  readonly call: Call;
  readonly region: string;
  /** The endpoint is this project's backend, which answers more than the cloud does. */
  readonly isLocal: boolean;
}

/** The calls that manage a resource. */
export interface Steps {
  /** Makes it and gives its id; `request` is built from the table. */
  create(api: Api, request: Shown, inputs: Properties): Promise<string>;
  /** Does what the create call itself cannot; doing it again does no harm. */
  finish?(api: Api, id: string, inputs: Properties): Promise<void>;
  /** The object as the API shows it, or undefined when it is gone. */
  read(api: Api, id: string, state: Properties): Promise<Shown | undefined>;
  /**
   * All objects that may carry a mark, that of one owner where one is named; their tags tell. With inputs, only those that
   * can stand in the way of a resource made from them.
   */
  list(api: Api, owner?: string, inputs?: Properties): Promise<readonly Tagged[]>;
  /** Changes these properties in place. */
  update(api: Api, id: string, changed: ReadonlySet<string>, news: Properties): Promise<void>;
  /** Throws where it must not go, because something would be lost with it. */
  guard?(api: Api, id: string, state: Properties): Promise<void>;
  delete(api: Api, id: string, state: Properties): Promise<void>;
}

/** Whose a resource is: the tags that every create carries. */
export interface Marker {
  /** `project/stack/name`. */
  readonly owner: string;
  /** A hash of the inputs it was made from. */
  readonly inputs: string;
}

/** An object as its tags tell of it. */
export interface Tagged {
  readonly id: string;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
}

/** The keys of the marker tags. */
export const markerKeys = { owner: "flowlogs:owner", inputs: "flowlogs:inputs" } as const;

/** Whether a tag is one of the marker's, which programs never see. */
export function isMarkerKey(key: string): boolean {
  return key === markerKeys.owner || key === markerKeys.inputs;
}
