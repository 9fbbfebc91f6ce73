/** A capture that cannot be read (on): names the file, the place and the value that is wrong. */
export class CaptureError extends Error {
  override readonly name = "CaptureError";
}
