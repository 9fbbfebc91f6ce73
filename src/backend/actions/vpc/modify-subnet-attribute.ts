import { type Handler, found } from "../action.ts";

/** Changes a subnet's name or broadcast switch; its block and zone cannot change. */
export const modifySubnetAttribute: Handler<"ModifySubnetAttribute"> = ({ network }, request) => {
  const subnet = found(network.subnets.get(request.SubnetId), "SubnetId", request.SubnetId);
  network.subnets.put(subnet.id, {
    ...subnet,
    name: request.SubnetName ?? subnet.name,
    broadcast: request.EnableBroadcast ?? subnet.broadcast,
  });
  return {};
};
