import { type Handler, found } from "../action.ts";

/** Changes what a security group is called. */
export const modifySecurityGroupAttribute: Handler<"ModifySecurityGroupAttribute"> = ({ network, clock }, request) => {
  const group = found(network.securityGroups.get(request.SecurityGroupId), "SecurityGroupId", request.SecurityGroupId);
  network.securityGroups.put(group.id, {
    ...group,
    name: request.GroupName ?? group.name,
    description: request.GroupDescription ?? group.description,
    updatedMs: clock.nowMs(),
  });
  return {};
};
