/**
 * What a collector gives as the reason in the body of an answer over HTTP: the message of a `Status`, in the encoding of
 * the request. A proxy in front of it gives a text. https://opentelemetry.io/docs/specs/otlp/#failures-1
 */

/** A message is for one line of a log. */
const LONGEST = 300;

/** @returns undefined where the body gives no reason that can be read, as a page in HTML does */
export function reasonIn(contentType: string | undefined, body: Buffer): string | undefined {
  const reason = messageIn(contentType ?? "", body)
    ?.replace(/\s+/g, " ")
    .trim();
  if (!reason) return undefined;
  return reason.length > LONGEST ? `${reason.slice(0, LONGEST)}…` : reason;
}

function messageIn(contentType: string, body: Buffer): string | undefined {
  if (/protobuf|octet-stream/i.test(contentType)) return protobufMessage(body);
  if (/json/i.test(contentType)) return jsonMessage(body.toString());
  return /^text\/plain/i.test(contentType) ? body.toString() : undefined;
}

function jsonMessage(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

/** https://protobuf.dev/programming-guides/encoding/ */
const VARINT = 0;
const LENGTH_DELIMITED = 2;
/** https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto */
const MESSAGE_FIELD = 2;

/** Of a `Status`, which begins with the code, a varint. The rest, the details, may be cut off. */
function protobufMessage(bytes: Buffer): string | undefined {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; at < bytes.length; factor *= 128) {
      const byte = bytes.readUInt8(at++);
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    const [field, type] = [Math.floor(tag / 8), tag % 8];
    const value = varint();
    if (type === LENGTH_DELIMITED) {
      if (field === MESSAGE_FIELD) return bytes.toString("utf8", at, Math.min(at + value, bytes.length));
      at += value;
    } else if (type !== VARINT) return undefined;
  }
  return undefined;
}
