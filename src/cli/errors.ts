/** The two ways in which a command itself says no. */

/** The command was called wrongly: says which option and value, and what would be right. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command did its work and the answer is no; what there is to say has been said, or is the message. */
export class Failed extends Error {
  override readonly name = "Failed";
}
