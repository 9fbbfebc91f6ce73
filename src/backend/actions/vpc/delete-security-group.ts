import { ApiError } from "../../../wire/errors.ts";
import type { Handler } from "../action.ts";

/** Deletes a security group that no ENI is in and no other group's rule names. */
export const deleteSecurityGroup: Handler<"DeleteSecurityGroup"> = ({ network }, { SecurityGroupId }) => {
  const given = `SecurityGroupId: ${JSON.stringify(SecurityGroupId)}`;
  if (!network.securityGroups.has(SecurityGroupId)) {
    throw new ApiError("InvalidSecurityGroupID.NotFound", `${given} does not exist`);
  }
  const users = [
    ...[...network.enis.values()].filter(({ securityGroupIds }) => securityGroupIds.includes(SecurityGroupId)),
    ...network.groupsNaming(SecurityGroupId),
  ].map(({ id }) => id);
  if (users.length > 0) throw new ApiError("ResourceInUse", `${given} is used by ${users.slice(0, 5).join(", ")}`);
  network.securityGroups.delete(SecurityGroupId);
  return {};
};
