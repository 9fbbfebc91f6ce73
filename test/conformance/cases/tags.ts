/** The tag service. */
import { expect } from "vitest";
import { type Cases, many, nowhere, tooLong, type World } from "../world.ts";

const resource = (id: string) => `qcs::vpc:ap-guangzhou:uin/:vpc/${id}`;
const ofVpc = async (world: World, other: object) => ({ Resource: resource(await world.vpc()), ...other });
const replace = (TagKey: string, TagValue = "v") => ({ ReplaceTags: [{ TagKey, TagValue }] });
const listing = { ServiceType: "vpc", ResourcePrefix: "vpc", ResourceIds: [nowhere.vpc], ResourceRegion: "ap-guangzhou" } as const;

export const tagCases: Cases = {
  DescribeResourceTagsByResourceIds: {
    success: {
      async ask(world) {
        const VpcId = await world.vpc();
        await world.call("ModifyResourceTags", { Resource: resource(VpcId), ReplaceTags: many(3, (index) => ({ TagKey: `k${index}`, TagValue: "v" })) });
        return { ...listing, ResourceIds: [nowhere.vpc, VpcId], Offset: 1, Limit: 1 };
      },
      then(answer, _world, { ResourceIds }) {
        const TagKeyMd5 = "dba0eedf28bbf9b6ee40f38ab9a0a47b";
        const Tags = [{ TagKey: "k1", TagValue: "v", ResourceId: ResourceIds[1], ServiceType: "vpc", Category: "Custom" }];
        expect(answer).toMatchObject({ TotalCount: 3, Offset: 1, Limit: 1, Tags });
        expect(answer.Tags[0]!.TagKeyMd5).toHaveLength(TagKeyMd5.length);
      },
    },
    refusals: {
      "InvalidParameterValue.RegionInvalid": () => ({ ...listing, ResourceRegion: "ap-atlantis" }),
      "InvalidParameterValue.ResourceIdInvalid": () => ({ ...listing, ResourceIds: many(51, () => nowhere.vpc) }),
      "InvalidParameterValue.ResourcePrefixInvalid": () => ({ ...listing, ResourcePrefix: "topic" }),
      "InvalidParameterValue.ServiceTypeInvalid": () => ({ ...listing, ServiceType: "cvm" }),
    },
  },
  ModifyResourceTags: {
    success: {
      async ask(world) {
        const Resource = resource(await world.vpc());
        await world.call("ModifyResourceTags", { Resource, ReplaceTags: [{ TagKey: "a", TagValue: "1" }, { TagKey: "b", TagValue: "2" }] });
        return { Resource, ReplaceTags: [{ TagKey: "b", TagValue: "" }], DeleteTags: [{ TagKey: "a" }, { TagKey: "never" }] };
      },
      async then(_answer, { call }, { Resource }) {
        const { VpcSet } = await call("DescribeVpcs", { VpcIds: [Resource.split("/").at(-1)!] });
        expect(VpcSet[0]!.TagSet).toEqual([{ Key: "b", Value: "" }]);
      },
    },
    refusals: {
      "InvalidParameter.ReservedTagKey": (world) => ofVpc(world, replace("qcs:owner")),
      "InvalidParameter.Tag": (world) => ofVpc(world, { ...replace("a"), DeleteTags: [{ TagKey: "a" }] }),
      "InvalidParameterValue.DeleteTagsParamError": (world) => ofVpc(world, { DeleteTags: many(11, (index) => ({ TagKey: `k${index}` })) }),
      "InvalidParameterValue.ResourceDescriptionError": () => ({ Resource: "vpc-1", ...replace("a") }),
      "InvalidParameterValue.TagKeyCharacterIllegal": (world) => ofVpc(world, replace("\u0007")),
      "InvalidParameterValue.TagKeyEmpty": (world) => ofVpc(world, replace("")),
      "InvalidParameterValue.TagKeyLengthExceeded": (world) => ofVpc(world, replace(tooLong(127))),
      "InvalidParameterValue.TagValueCharacterIllegal": (world) => ofVpc(world, replace("a", "\u0007")),
      "InvalidParameterValue.TagValueLengthExceeded": (world) => ofVpc(world, replace("a", tooLong(255))),
      async "LimitExceeded.ResourceAttachedTags"(world) {
        const Tags = many(50, (index) => ({ Key: `k${index}`, Value: "v" }));
        const { Vpc } = await world.call("CreateVpc", { VpcName: "tagged", CidrBlock: "10.0.0.0/16", Tags });
        return { Resource: resource(Vpc.VpcId), ...replace("another") };
      },
      MissingParameter: (world) => ofVpc(world, {}),
      ResourceNotFound: () => ({ Resource: resource(nowhere.vpc), ...replace("a") }),
    },
  },
};
