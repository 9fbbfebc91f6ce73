import { type Handler, found } from "../action.ts";

/** Changes what a network ACL is called. */
export const modifyNetworkAclAttribute: Handler<"ModifyNetworkAclAttribute"> = ({ network }, request) => {
  const acl = found(network.networkAcls.get(request.NetworkAclId), "NetworkAclId", request.NetworkAclId);
  network.networkAcls.put(acl.id, { ...acl, name: request.NetworkAclName });
  return {};
};
