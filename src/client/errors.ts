/** What can go wrong with a call, told apart so that callers can say what to do next. Never holds a secret. */

/** The API answered an error. */
export class CloudError extends Error {
  override readonly name = "CloudError";
  readonly code: string;
  readonly requestId: string;

  constructor(action: string, code: string, message: string, requestId: string) {
    super(`${action}: ${code}: ${message} (request ${requestId})`);
    this.code = code;
    this.requestId = requestId;
  }
}

/** Nothing that speaks the API answered there. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";

  constructor(url: string, cause: string) {
    super(`no backend answers at ${url}: ${cause}. Start one with \`flowlogs serve\`, or set FLOWLOGS_ENDPOINT`);
  }
}
