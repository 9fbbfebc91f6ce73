/** Request bodies, within the limits of one request and of all that are being read. */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Why there is no body: over the API's limit, no room beside the others that are being read, or the client hung up. */
export type NoBody = "too large" | "no room" | "cut off";

/** A request's body. */
export interface Body {
  readonly bytes: Buffer;
  /** Its SHA-256 in hex, summed up as it came: at once it would hold up other requests. */
  readonly sha256: string;
}

/** From this size on a body is put where it stays as it comes. */
const largeBytes = 64 * 1024;

/** Reads bodies for one server. */
export class BodyReader {
  private readonly maxBodyBytes: number;
  private readonly maxAllBytes: number;
  /** Bytes of the bodies that are not read to their ends. */
  private heldBytes = 0;

  constructor(maxBodyBytes: number, maxAllBytes: number) {
    this.maxBodyBytes = maxBodyBytes;
    this.maxAllBytes = maxAllBytes;
  }

  /** The body, or why there is none. What a refused body still sends is read past, not kept. */
  read(request: IncomingMessage): Promise<Body | NoBody> {
    const announced = Number(request.headers["content-length"] ?? 0);
    const pieces: Buffer[] = [];
    let place: Buffer | undefined;
    const keep = (piece: Buffer) => {
      if (announced < largeBytes) return void pieces.push(piece);
      place ??= Buffer.allocUnsafeSlow(announced);
      piece.copy(place, length - piece.length);
    };
    const sum = createHash("sha256");
    let length = 0;
    return new Promise((resolve) => {
      const give = (outcome: Body | NoBody) => {
        this.heldBytes -= length;
        length = 0;
        request.removeAllListeners("data");
        request.resume();
        resolve(outcome);
      };
      if (announced > this.maxBodyBytes) return give("too large");
      request.on("data", (piece: Buffer) => {
        length += piece.length;
        this.heldBytes += piece.length;
        if (length > this.maxBodyBytes) give("too large");
        else if (this.heldBytes > this.maxAllBytes) give("no room");
        else {
          keep(piece);
          sum.update(piece);
        }
      });
      request.once("end", () => give({ bytes: place ?? Buffer.concat(pieces), sha256: sum.digest("hex") }));
      request.once("error", () => give("cut off"));
      request.once("close", () => give("cut off"));
    });
  }
}
