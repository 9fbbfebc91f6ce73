import type { Handler } from "../action.ts";

/** What the account's network is built on: VPCs only, as with every account made since the classic network was retired. */
export const describeAccountAttributes: Handler<"DescribeAccountAttributes"> = () => ({
  AccountAttributeSet: [{ AttributeName: "supported-platforms", AttributeValues: ["VPC"] }],
});
