import { cidrsOverlap, parseCidr } from "../net/address.ts";
import type { ActionRequest } from "../wire/actions.ts";
import type { ResourceModel } from "./resource-model.ts";
import { asShown, everyPage, markFilter, modify, setTags, tagged, unlessGone } from "./steps.ts";

/** A subnet: a part of a VPC's addresses in one zone. */
export const subnet: ResourceModel = {
  name: "Subnet",
  doc: "A part of a VPC's addresses in one zone.",
  create: "CreateSubnet",
  properties: {
    vpcId: { wire: "VpcId", doc: "The VPC it is a part of.", replaceOnChange: true },
    subnetName: { wire: "SubnetName", doc: "What the subnet is called.", autoName: true },
    zone: { wire: "Zone", doc: "The zone it is in, such as ap-guangzhou-3.", replaceOnChange: true },
    cidrBlock: {
      wire: "CidrBlock",
      doc: "Its IPv4 block: inside the VPC's, apart from other subnets', with a mask of 16 to 28 bits.",
      replaceOnChange: true,
      clashes: blocksOverlap,
    },
    ipv6CidrBlock: {
      wire: "Ipv6CidrBlock",
      doc: "Its IPv6 block, if it has one.",
      replaceOnChange: true,
      clashes: blocksOverlap,
    },
    tags: { wire: "Tags", doc: "Tags by key.", isTags: true, shownAs: "TagSet" },
  },
  outputs: {
    subnetId: { shownAs: "SubnetId", doc: "The subnet's id, such as subnet-1a2b3c4d." },
    createdTime: { shownAs: "CreatedTime", doc: "When it was made, as the API spells it." },
  },
  slots: [
    ["vpcId", "cidrBlock"],
    ["vpcId", "ipv6CidrBlock"],
  ],
  conflicts: ["InvalidParameterValue.SubnetConflict"],
  steps: {
    async create({ call }, request) {
      return (await call("CreateSubnet", request as ActionRequest<"CreateSubnet">)).Subnet.SubnetId;
    },
    async read({ call }, id) {
      return asShown((await unlessGone(call("DescribeSubnets", { SubnetIds: [id] })))?.SubnetSet[0]);
    },
    async list({ call }, owner) {
      return everyPage(async (page) => {
        const { SubnetSet } = await call("DescribeSubnets", { Filters: markFilter(owner), ...page });
        return tagged(SubnetSet, (each) => each.SubnetId, (each) => each.TagSet);
      });
    },
    async update(api, id, changed, news) {
      const changes = { changed, news };
      await modify(api, "ModifySubnetAttribute", { SubnetId: id }, changes, { subnetName: ["SubnetName", undefined] });
      if (changed.has("tags")) await setTags(api, "subnet", id, news["tags"]);
    },
    async delete({ call }, id) {
      await unlessGone(call("DeleteSubnet", { SubnetId: id }));
    },
  },
};

function blocksOverlap(before: string, after: string): boolean {
  const [old, now] = [parseCidr(before), parseCidr(after)];
  return old !== undefined && now !== undefined && cidrsOverlap(old, now);
}
