/** Marks: every create says whose it is and from which inputs, so that an interrupted one can be taken up. */
import { createHash } from "node:crypto";
import { ownInputs } from "./check.ts";
import { type Marker, markerKeys, type Properties, type ResourceModel, type Tagged } from "./resource-model.ts";

/** The marker of a resource's inputs; undefined for inputs that name no owner. */
export function markerOf(model: ResourceModel, inputs: Properties): Marker | undefined {
  const { owner } = inputs;
  if (typeof owner !== "string" || owner === "") return undefined;
  const isMadeUp = (name: string) => inputs["autoNamed"] === true && model.properties[name]?.autoName;
  const meant = Object.entries(inputs)
    .filter(([name]) => !(ownInputs as readonly string[]).includes(name) && name in model.properties && !isMadeUp(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash("sha256").update(JSON.stringify([model.name, ...meant])).digest("hex");
  // A tag's value holds 255 characters.
  return { owner: owner.slice(0, 255), inputs: hash.slice(0, 32) };
}

/** The marker as tags. */
export function markerTags(marker: Marker | undefined): { Key: string; Value: string }[] {
  if (marker === undefined) return [];
  return [
    { Key: markerKeys.owner, Value: marker.owner },
    { Key: markerKeys.inputs, Value: marker.inputs },
  ];
}

/** Those of some objects that carry exactly this marker. */
export function marked(objects: readonly Tagged[], marker: Marker): Tagged[] {
  return objects.filter(
    (object) => tagOf(object, markerKeys.owner) === marker.owner && tagOf(object, markerKeys.inputs) === marker.inputs,
  );
}

/** The owner that an object's mark names. */
export function ownerOf(object: Tagged): string | undefined {
  return tagOf(object, markerKeys.owner);
}

function tagOf({ tags }: Tagged, key: string): string | undefined {
  return tags.find(({ Key }) => Key === key)?.Value;
}
