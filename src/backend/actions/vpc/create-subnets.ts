import { type Handler, found } from "../action.ts";
import { readTags } from "../tags.ts";
import { shownSubnet } from "../vpc-shapes.ts";
import { makeSubnet } from "./make-subnet.ts";

/** Makes several subnets of one VPC, or none of them. */
export const createSubnets: Handler<"CreateSubnets"> = (rooms, request, { region }) => {
  const vpc = found(rooms.network.vpcs.get(request.VpcId), "VpcId", request.VpcId);
  const tags = readTags(request.Tags);
  const subnets = request.Subnets.map((each, index) => {
    const at = `Subnets.${index}.`;
    if (each.RouteTableId !== undefined && each.RouteTableId !== vpc.routeTableId) {
      found(undefined, `${at}RouteTableId`, each.RouteTableId);
    }
    return makeSubnet(rooms, vpc, each, { tags, region, at });
  });
  return { SubnetSet: subnets.map((subnet) => shownSubnet(rooms, subnet)) };
};
