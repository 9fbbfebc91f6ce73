import type { ActionRequest } from "../wire/actions.ts";
import { canonicalAddress } from "../net/address.ts";
import type { ResourceModel } from "./resource-model.ts";
import { asShown, everyPage, markFilter, modify, setTags, tagged, unlessGone } from "./steps.ts";

/** An elastic network interface (ENI): where packets enter and leave, and what flow logs watch. */
export const networkInterface: ResourceModel = {
  name: "NetworkInterface",
  doc: "An elastic network interface (ENI): where packets enter and leave an instance, and what flow logs watch.",
  create: "CreateNetworkInterface",
  properties: {
    vpcId: { wire: "VpcId", doc: "The VPC it stands in.", replaceOnChange: true },
    subnetId: { wire: "SubnetId", doc: "The subnet it stands in.", replaceOnChange: true },
    networkInterfaceName: { wire: "NetworkInterfaceName", doc: "What the ENI is called.", autoName: true },
    networkInterfaceDescription: { wire: "NetworkInterfaceDescription", doc: "What the ENI is for." },
    securityGroupIds: {
      wire: "SecurityGroupIds",
      doc: "Its security groups, the first one's rules first. Without any, all traffic is allowed.",
      shownAs: "GroupSet",
    },
    privateIpAddresses: {
      wire: "PrivateIpAddresses",
      doc: "Its IPv4 addresses; one chosen by the cloud, if left out.",
      replaceOnChange: true,
      chosenByCloud: true,
      shownAs: "PrivateIpAddressSet",
      itemType: "PrivateIpAddress",
      itemFields: ["privateIpAddress", "primary", "description"],
      canonical: canonicalPrivateAddresses,
      clashes: shareAnAddress,
    },
    ipv6Addresses: {
      wire: "Ipv6Addresses",
      doc: "Its IPv6 addresses.",
      replaceOnChange: true,
      chosenByCloud: true,
      shownAs: "Ipv6AddressSet",
      itemType: "Ipv6Address",
      itemFields: ["address"],
      canonical: canonicalIpv6Addresses,
      clashes: shareAnAddress,
    },
    tags: { wire: "Tags", doc: "Tags by key.", isTags: true, shownAs: "TagSet" },
  },
  outputs: {
    networkInterfaceId: { shownAs: "NetworkInterfaceId", doc: "The ENI's id, such as eni-lq6mkcis." },
    macAddress: { shownAs: "MacAddress", doc: "Its hardware address." },
    createdTime: { shownAs: "CreatedTime", doc: "When it was made, as the API spells it." },
  },
  slots: [
    ["subnetId", "privateIpAddresses"],
    ["subnetId", "ipv6Addresses"],
  ],
  conflicts: ["ResourceInUse"],
  steps: {
    async create({ call }, request) {
      const answer = await call("CreateNetworkInterface", request as ActionRequest<"CreateNetworkInterface">);
      return answer.NetworkInterface.NetworkInterfaceId;
    },
    async read({ call }, id) {
      const answer = await unlessGone(call("DescribeNetworkInterfaces", { NetworkInterfaceIds: [id] }));
      return asShown(answer?.NetworkInterfaceSet[0]);
    },
    async list({ call }, owner) {
      return everyPage(async (page) => {
        const { NetworkInterfaceSet } = await call("DescribeNetworkInterfaces", { Filters: markFilter(owner), ...page });
        return tagged(NetworkInterfaceSet, (each) => each.NetworkInterfaceId, (each) => each.TagSet);
      });
    },
    async update(api, id, changed, news) {
      await modify(api, "ModifyNetworkInterfaceAttribute", { NetworkInterfaceId: id }, { changed, news }, {
        networkInterfaceName: ["NetworkInterfaceName", undefined],
        networkInterfaceDescription: ["NetworkInterfaceDescription", ""],
        securityGroupIds: ["SecurityGroupIds", []],
      });
      if (changed.has("tags")) await setTags(api, "eni", id, news["tags"]);
    },
    async delete({ call }, id) {
      await unlessGone(call("DeleteNetworkInterface", { NetworkInterfaceId: id }));
    },
  },
};

interface PrivateAddress {
  readonly primary?: boolean;
}

interface HeldAddress {
  readonly privateIpAddress?: string;
  readonly address?: string;
}

/** Whether two lists have an address in common, which one ENI can have at a time. */
function shareAnAddress(before: readonly HeldAddress[], after: readonly HeldAddress[]): boolean {
  const addressOf = ({ privateIpAddress, address }: HeldAddress) => privateIpAddress ?? address;
  const held = new Set(before.map(addressOf));
  return after.map(addressOf).some((each) => each !== undefined && held.has(each));
}

/** The cloud says of each address whether it is the primary one, which is the first where none is marked. */
function canonicalPrivateAddresses(addresses: unknown): unknown {
  if (!Array.isArray(addresses)) return addresses;
  const given = addresses as readonly PrivateAddress[];
  const hasPrimary = given.some(({ primary }) => primary === true);
  return given.map(({ primary, ...rest }, index) => ((hasPrimary ? primary === true : index === 0) ? { ...rest, primary: true } : rest));
}

function canonicalIpv6Addresses(addresses: unknown): unknown {
  if (!Array.isArray(addresses)) return addresses;
  return (addresses as readonly { address: string }[]).map(({ address, ...rest }) => ({ ...rest, address: canonicalAddress(address) ?? address }));
}
