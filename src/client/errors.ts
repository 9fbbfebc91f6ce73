/** What can go wrong with a call, told apart so that callers can say what to do next. Never holds a secret. */

/** What to do about refusals whose words alone do not tell. */
const advice: readonly (readonly [code: RegExp, words: string])[] = [
  [/^AuthFailure\.SignatureExpire$/, "Is this machine's clock right?"],
  [
    /^AuthFailure\.(SecretIdNotFound|SignatureFailure)$/,
    "Are TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY those of this endpoint? A local backend's own are in its data folder (FLOWLOGS_DATA)",
  ],
  [/^RequestLimitExceeded/, "It was tried again until then: make fewer calls at a time"],
];

/** The API answered an error. */
export class CloudError extends Error {
  override readonly name = "CloudError";
  readonly action: string;
  readonly code: string;
  readonly requestId: string;

  constructor(action: string, code: string, message: string, requestId: string) {
    const more = advice.find(([pattern]) => pattern.test(code))?.[1];
    // Below the first line may stand a query with a caret under the place that is meant.
    const [first = "", ...below] = message.split("\n");
    super([`${action}: ${code}: ${first} (request ${requestId})${more === undefined ? "" : `. ${more}`}`, ...below].join("\n"));
    this.action = action;
    this.code = code;
    this.requestId = requestId;
  }
}

/**
 * How far a request came: nobody was there to take it; it may have arrived, so that what it asks for may have been done;
 * or somebody who does not speak the API turned it away.
 */
export type HowFar = "not there" | "may have arrived" | "turned away";

/** No answer of the API came back. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
  readonly howFar: HowFar;

  private constructor(howFar: HowFar, message: string) {
    super(message);
    this.howFar = howFar;
  }

  /** Nobody listens there. */
  static notThere(url: string, cause: string): Unreachable {
    return new Unreachable("not there", `no backend answers at ${url}: ${cause}. Start one with \`flowlogs serve\`, or set FLOWLOGS_ENDPOINT`);
  }

  /** Somebody listens, but the answer did not come, or not whole. */
  static noAnswer(url: string, action: string, cause: string): Unreachable {
    return new Unreachable("may have arrived", `${action} was sent to ${url}, but its answer did not come: ${cause}`);
  }

  /** What answered there does not speak the API. */
  static notTheApi(howFar: HowFar, url: string, what: string): Unreachable {
    return new Unreachable(howFar, `${url} answered ${what}, which the API never does. Is FLOWLOGS_ENDPOINT right, and no proxy in between?`);
  }
}
