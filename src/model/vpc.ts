import type { ActionRequest } from "../wire/actions.ts";
import type { ResourceModel } from "./resource-model.ts";
import { asShown, everyPage, markFilter, modify, setTags, tagged, unlessGone } from "./steps.ts";

/** A VPC: a private network with a block of addresses that its subnets divide. */
export const vpc: ResourceModel = {
  name: "Vpc",
  doc: "A private network: a block of addresses that its subnets divide.",
  create: "CreateVpc",
  properties: {
    vpcName: { wire: "VpcName", doc: "What the VPC is called.", autoName: true },
    cidrBlock: {
      wire: "CidrBlock",
      doc: "The VPC's IPv4 block, in 10.0.0.0/12, 172.16.0.0/12 or 192.168.0.0/16.",
      replaceOnChange: true,
    },
    ipv6CidrBlock: {
      wire: "Ipv6CidrBlock",
      doc: "The VPC's IPv6 block, if it has one.",
      replaceOnChange: true,
    },
    enableMulticast: { wire: "EnableMulticast", doc: "Whether multicast is carried.", default: false },
    dnsServers: {
      wire: "DnsServers",
      doc: "Addresses of up to four DNS servers; the cloud's own, if left out.",
      shownAs: "DnsServerSet",
      chosenByCloud: true,
    },
    domainName: { wire: "DomainName", doc: "The domain that instances get by DHCP." },
    tags: { wire: "Tags", doc: "Tags by key.", isTags: true, shownAs: "TagSet" },
  },
  outputs: {
    vpcId: { shownAs: "VpcId", doc: "The VPC's id, such as vpc-1a2b3c4d." },
    createdTime: { shownAs: "CreatedTime", doc: "When it was made, as the API spells it." },
  },
  slots: [],
  conflicts: [],
  steps: {
    async create({ call }, request) {
      return (await call("CreateVpc", request as ActionRequest<"CreateVpc">)).Vpc.VpcId;
    },
    async read({ call }, id) {
      return asShown((await unlessGone(call("DescribeVpcs", { VpcIds: [id] })))?.VpcSet[0]);
    },
    async list({ call }, owner) {
      return everyPage(async (page) => {
        const { VpcSet } = await call("DescribeVpcs", { Filters: markFilter(owner), ...page });
        return tagged(VpcSet, (each) => each.VpcId, (each) => each.TagSet);
      });
    },
    async update(api, id, changed, news) {
      await modify(api, "ModifyVpcAttribute", { VpcId: id }, { changed, news }, {
        vpcName: ["VpcName", undefined],
        enableMulticast: ["EnableMulticast", false],
        dnsServers: ["DnsServers", undefined],
        domainName: ["DomainName", ""],
      });
      if (changed.has("tags")) await setTags(api, "vpc", id, news["tags"]);
    },
    async delete({ call }, id) {
      await unlessGone(call("DeleteVpc", { VpcId: id }));
    },
  },
};
