import { type Handler, found } from "../action.ts";

/** Changes what a VPC is called and how it serves its instances; its blocks cannot change. */
export const modifyVpcAttribute: Handler<"ModifyVpcAttribute"> = ({ network }, request) => {
  const vpc = found(network.vpcs.get(request.VpcId), "VpcId", request.VpcId);
  network.vpcs.put(vpc.id, {
    ...vpc,
    name: request.VpcName ?? vpc.name,
    multicast: request.EnableMulticast ?? vpc.multicast,
    dnsServers: request.DnsServers ?? vpc.dnsServers,
    domainName: request.DomainName ?? vpc.domainName,
    routePublish: request.EnableRouteVpcPublish ?? vpc.routePublish,
    ipv6RoutePublish: request.EnableRouteVpcPublishIpv6 ?? vpc.ipv6RoutePublish,
  });
  return {};
};
