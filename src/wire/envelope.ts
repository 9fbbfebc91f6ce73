/** The envelope every API answer comes in, success and error alike. */

/** `{"Response":{...,"RequestId":"..."}}`; an error is `{"Response":{"Error":{...},"RequestId":"..."}}`. */
export type Envelope = {
  readonly Response: { readonly RequestId: string; readonly Error?: { readonly Code: string; readonly Message: string } };
};

/** Wraps a successful answer. */
export function successEnvelope(answer: object, requestId: string): Envelope {
  return { Response: { ...answer, RequestId: requestId } };
}

/** Wraps an error; the RequestId is always there (the official Python SDK fails without it). */
export function errorEnvelope(code: string, message: string, requestId: string): Envelope {
  return { Response: { Error: { Code: code, Message: message }, RequestId: requestId } };
}

/** The exact media type of every API answer: with a charset after it the Python SDK takes errors for successes. */
export const envelopeContentType = "application/json";
