import type { ActionRequest } from "../wire/actions.ts";
import { toWire } from "./convert.ts";
import type { Properties, ResourceModel } from "./resource-model.ts";
import { canonicalPortRules } from "./rules.ts";
import { everyPage, markFilter, modify, setTags, tagged, unlessGone } from "./steps.ts";

const ruleFields = ["protocol", "port", "cidrBlock", "ipv6CidrBlock", "securityGroupId", "action", "policyDescription"];

type PolicySet = ActionRequest<"ModifySecurityGroupPolicies">["SecurityGroupPolicySet"];

/** A security group: a stateful list of rules per direction, bound to ENIs. */
export const securityGroup: ResourceModel = {
  name: "SecurityGroup",
  doc: "A stateful list of rules per direction, bound to ENIs. The first rule that matches decides; none matching rejects.",
  create: "CreateSecurityGroupWithPolicies",
  properties: {
    groupName: { wire: "GroupName", doc: "What the group is called.", autoName: true, shownAs: "SecurityGroupName" },
    groupDescription: {
      wire: "GroupDescription",
      doc: "What the group is for.",
      shownAs: "SecurityGroupDesc",
      default: "",
    },
    projectId: {
      wire: "ProjectId",
      doc: "The project it belongs to.",
      replaceOnChange: true,
      default: "0",
    },
    ingress: {
      wire: "SecurityGroupPolicySet.Ingress",
      doc: "The rules for packets that enter, in their order: protocol, port, cidrBlock (or ipv6CidrBlock, or securityGroupId), action.",
      itemFields: ruleFields,
      canonical: canonicalPortRules,
      itemType: "SecurityGroupRule",
    },
    egress: {
      wire: "SecurityGroupPolicySet.Egress",
      doc: "The rules for packets that leave, in their order.",
      itemFields: ruleFields,
      canonical: canonicalPortRules,
      itemType: "SecurityGroupRule",
    },
    tags: { wire: "Tags", doc: "Tags by key.", isTags: true, shownAs: "TagSet" },
  },
  outputs: {
    securityGroupId: { shownAs: "SecurityGroupId", doc: "The group's id, such as sg-1a2b3c4d." },
    createdTime: { shownAs: "CreatedTime", doc: "When it was made, as the API spells it." },
  },
  slots: [],
  conflicts: [],
  steps: {
    async create({ call }, request) {
      const answer = await call(
        "CreateSecurityGroupWithPolicies",
        request as unknown as ActionRequest<"CreateSecurityGroupWithPolicies">,
      );
      return answer.SecurityGroup.SecurityGroupId;
    },
    async read({ call }, id) {
      const group = (await unlessGone(call("DescribeSecurityGroups", { SecurityGroupIds: [id] })))?.SecurityGroupSet[0];
      if (group === undefined) return undefined;
      const { SecurityGroupPolicySet: set } = await call("DescribeSecurityGroupPolicies", { SecurityGroupId: id });
      return { ...group, Ingress: set.Ingress, Egress: set.Egress };
    },
    async list({ call }, owner) {
      return everyPage(async (page) => {
        const { SecurityGroupSet } = await call("DescribeSecurityGroups", { Filters: markFilter(owner), ...page });
        return tagged(SecurityGroupSet, (each) => each.SecurityGroupId, (each) => each.TagSet);
      });
    },
    async update(api, id, changed, news) {
      await modify(api, "ModifySecurityGroupAttribute", { SecurityGroupId: id }, { changed, news }, {
        groupName: ["GroupName", undefined],
        groupDescription: ["GroupDescription", ""],
      });
      if (changed.has("ingress") || changed.has("egress")) {
        const SecurityGroupPolicySet = policySet(news);
        await api.call("ModifySecurityGroupPolicies", { SecurityGroupId: id, SecurityGroupPolicySet });
      }
      if (changed.has("tags")) await setTags(api, "sg", id, news["tags"]);
    },
    async delete({ call }, id) {
      await unlessGone(call("DeleteSecurityGroup", { SecurityGroupId: id }));
    },
  },
};

function policySet(news: Properties): PolicySet {
  return { Ingress: toWire(news["ingress"] ?? []), Egress: toWire(news["egress"] ?? []) } as PolicySet;
}
