/** The request and answer types that the official Node SDK declares, read from its declaration files. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import ts from "typescript";
import type { Shape, ShapeFields } from "../../src/wire/shapes.ts";

/** A field as the SDK declares it. */
export interface OfficialField {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  /** Its comment says that it may be null. */
  readonly nullable: boolean;
}

/** The SDK's interfaces of one service, by name. */
export type OfficialTypes = ReadonlyMap<string, readonly OfficialField[]>;

const models = {
  vpc: "vpc/v20170312/vpc_models.d.ts",
  cls: "cls/v20201016/cls_models.d.ts",
  tag: "tag/v20180813/tag_models.d.ts",
} as const;

/** Reads a service's interfaces. */
export function officialTypes(service: keyof typeof models): OfficialTypes {
  const root = createRequire(import.meta.url).resolve("tencentcloud-sdk-nodejs/package.json").replace("package.json", "");
  const path = `${root}tencentcloud/services/${models[service]}`;
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const types = new Map<string, OfficialField[]>();
  ts.forEachChild(source, (node) => {
    if (ts.isInterfaceDeclaration(node)) types.set(node.name.text, node.members.filter(ts.isPropertySignature).map(readField));
    if (ts.isTypeAliasDeclaration(node)) types.set(node.name.text, []);
  });
  return types;
}

function readField(member: ts.PropertySignature): OfficialField {
  const comment = member.getFullText().slice(0, member.getLeadingTriviaWidth());
  return {
    name: member.name.getText(),
    type: member.type!.getText(),
    optional: member.questionToken !== undefined,
    nullable: /返回\s*null/.test(comment),
  };
}

const plainKinds: Readonly<Record<string, readonly string[]>> = {
  string: ["text"],
  "string | null": ["text"],
  number: ["integer", "number"],
  bigint: ["integer"],
  "number | bigint": ["integer", "number"],
  boolean: ["flag"],
};

/** How a shape differs from an SDK type, in words that name each field. */
export function shapeDifferences(shape: Shape, type: string, types: OfficialTypes, path: string, nullable = true): string[] {
  if (typeof shape === "object" && "orNull" in shape) {
    const inner = shapeDifferences(shape.orNull as Shape, type, types, path);
    return nullable ? inner : [`${path}: may not be null`, ...inner];
  }
  if (typeof shape === "object" && "orAbsent" in shape) return shapeDifferences(shape.orAbsent as Shape, type, types, path);
  const element = /^Array<(.*)>$/.exec(type)?.[1];
  if (element !== undefined) {
    if (!Array.isArray(shape)) return [`${path}: is a list of ${element}`];
    return shapeDifferences((shape as readonly [Shape])[0], element, types, `${path}[]`);
  }
  const plain = plainKinds[type];
  if (plain !== undefined) return typeof shape === "string" && plain.includes(shape) ? [] : [`${path}: is of kind ${type}`];
  if (typeof shape === "string" || Array.isArray(shape)) return [`${path}: is a ${type}`];
  return fieldDifferences(shape as ShapeFields, type, types, path);
}

function fieldDifferences(shape: ShapeFields, type: string, types: OfficialTypes, path: string): string[] {
  const fields = types.get(type);
  if (fields === undefined) return [`${path}: the SDK has no type ${type}`];
  const known = new Set(fields.map(({ name }) => name));
  const extra = Object.keys(shape).filter((name) => !known.has(name));
  return [
    ...extra.map((name) => `${path}.${name}: the SDK's ${type} has no such field`),
    ...fields
      .filter(({ name }) => name !== "RequestId")
      .flatMap(({ name, type: fieldType, nullable }) => {
        const child = shape[name];
        if (child === undefined) return [`${path}.${name}: is missing`];
        return shapeDifferences(child, fieldType, types, `${path}.${name}`, nullable);
      }),
  ];
}
