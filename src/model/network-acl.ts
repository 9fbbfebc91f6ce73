import type { ActionRequest } from "../wire/actions.ts";
import { toWire } from "./convert.ts";
import type { Api, Properties, ResourceModel, Shown } from "./resource-model.ts";
import { canonicalPortRules } from "./rules.ts";
import { everyPage, modify, setTags, tagged, unlessGone } from "./steps.ts";

const ruleFields = ["protocol", "port", "cidrBlock", "ipv6CidrBlock", "action", "description"];

/** A network ACL: a stateless list of rules per direction, at the edge of subnets. */
export const networkAcl: ResourceModel = {
  name: "NetworkAcl",
  doc: "A stateless list of rules per direction, at the edge of subnets. Answers need rules of their own.",
  create: "CreateNetworkAcl",
  properties: {
    vpcId: { wire: "VpcId", doc: "The VPC whose subnets it stands at.", replaceOnChange: true },
    networkAclName: { wire: "NetworkAclName", doc: "What the ACL is called.", autoName: true },
    ingress: {
      wire: "NetworkAclEntrySet.Ingress",
      action: "ModifyNetworkAclEntries",
      doc: "The rules for packets that enter the subnet, in their order: protocol, port, cidrBlock (or ipv6CidrBlock), action.",
      shownAs: "IngressEntries",
      itemFields: ruleFields,
      canonical: canonicalPortRules,
      itemType: "NetworkAclRule",
    },
    egress: {
      wire: "NetworkAclEntrySet.Egress",
      action: "ModifyNetworkAclEntries",
      doc: "The rules for packets that leave the subnet, in their order.",
      shownAs: "EgressEntries",
      itemFields: ruleFields,
      canonical: canonicalPortRules,
      itemType: "NetworkAclRule",
    },
    subnetIds: {
      wire: "SubnetIds",
      action: "AssociateNetworkAclSubnets",
      doc: "The subnets it stands at. A subnet has at most one ACL.",
      canonical: (ids: readonly string[]) => (Array.isArray(ids) ? ids.toSorted() : ids),
    },
    tags: { wire: "Tags", doc: "Tags by key.", isTags: true, shownAs: "TagSet" },
  },
  outputs: {
    networkAclId: { shownAs: "NetworkAclId", doc: "The ACL's id, such as acl-1a2b3c4d." },
    createdTime: { shownAs: "CreatedTime", doc: "When it was made, as the API spells it." },
  },
  slots: [],
  conflicts: [],
  steps: {
    async create({ call }, request) {
      const answer = await call("CreateNetworkAcl", request as unknown as ActionRequest<"CreateNetworkAcl">);
      return answer.NetworkAcl.NetworkAclId;
    },
    async finish(api, id, inputs) {
      // The rules first: a subnet that joins before them would let nothing pass.
      await setRules(api, id, inputs);
      await setSubnets(api, id, (inputs["subnetIds"] ?? []) as string[]);
    },
    read: readAcl,
    async list({ call }, _owner, inputs) {
      // The API's filters for network ACLs know no tags.
      const inVpc = inputs === undefined ? {} : { Filters: [{ Name: "vpc-id", Values: [String(inputs["vpcId"])] }] };
      return everyPage(async (page) => {
        const { NetworkAclSet } = await call("DescribeNetworkAcls", { ...inVpc, ...page });
        return tagged(NetworkAclSet, (each) => each.NetworkAclId, (each) => each.TagSet);
      });
    },
    async update(api, id, changed, news) {
      const changes = { changed, news };
      await modify(api, "ModifyNetworkAclAttribute", { NetworkAclId: id }, changes, {
        networkAclName: ["NetworkAclName", undefined],
      });
      if (changed.has("ingress") || changed.has("egress")) await setRules(api, id, news);
      if (changed.has("subnetIds")) await setSubnets(api, id, (news["subnetIds"] ?? []) as string[]);
      if (changed.has("tags")) await setTags(api, "acl", id, news["tags"]);
    },
    async delete(api, id) {
      const shown = await readAcl(api, id);
      if (shown === undefined) return;
      await setSubnets(api, id, []);
      await unlessGone(api.call("DeleteNetworkAcl", { NetworkAclId: id }));
    },
  },
};

async function readAcl({ call }: Api, id: string): Promise<Shown | undefined> {
  const acl = (await unlessGone(call("DescribeNetworkAcls", { NetworkAclIds: [id] })))?.NetworkAclSet[0];
  if (acl === undefined) return undefined;
  return { ...acl, SubnetIds: acl.SubnetSet.map(({ SubnetId }) => SubnetId).toSorted() };
}

type Entries = ActionRequest<"ModifyNetworkAclEntries">["NetworkAclEntrySet"];

async function setRules({ call }: Api, id: string, inputs: Properties): Promise<void> {
  const rules = { Ingress: toWire(inputs["ingress"] ?? []), Egress: toWire(inputs["egress"] ?? []) };
  await call("ModifyNetworkAclEntries", { NetworkAclId: id, NetworkAclEntrySet: rules as Entries });
}

/** Makes these the ACL's subnets: new ones first, so that none that stays is open in between. */
async function setSubnets(api: Api, id: string, wanted: readonly string[]): Promise<void> {
  const shown = await readAcl(api, id);
  const current = (shown?.["SubnetIds"] ?? []) as string[];
  const joining = wanted.filter((each) => !current.includes(each));
  const leaving = current.filter((each) => !wanted.includes(each));
  if (joining.length > 0) await api.call("AssociateNetworkAclSubnets", { NetworkAclId: id, SubnetIds: joining });
  if (leaving.length > 0) await api.call("DisassociateNetworkAclSubnets", { NetworkAclId: id, SubnetIds: leaving });
}
