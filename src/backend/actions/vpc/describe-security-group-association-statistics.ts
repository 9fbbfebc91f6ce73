import { type Handler, found } from "../action.ts";

/** How many resources use each group: ENIs, the instances they are bound to, and other groups whose rules name it. */
export const describeSecurityGroupAssociationStatistics: Handler<"DescribeSecurityGroupAssociationStatistics"> = ({ network }, request) => {
  const statistics = request.SecurityGroupIds.map((id, index) => {
    found(network.securityGroups.get(id), `SecurityGroupIds.${index}`, id);
    const enis = [...network.enis.values()].filter(({ securityGroupIds }) => securityGroupIds.includes(id));
    const instances = new Set(enis.flatMap(({ attachment }) => attachment?.instanceId ?? [])).size;
    const groups = network.groupsNaming(id).length;
    const counts = { CVM: instances, ENI: enis.length, SG: groups };
    const InstanceStatistics = Object.entries(counts).map(([InstanceType, InstanceCount]) => ({ InstanceType, InstanceCount }));
    return { SecurityGroupId: id, ...counts, CDB: 0, CLB: 0, InstanceStatistics, TotalCount: instances + enis.length + groups };
  });
  return { SecurityGroupAssociationStatisticsSet: statistics };
};
