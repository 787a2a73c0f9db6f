/** Receives spans over OTLP (http/json), and is the server that the traced application calls. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly { readonly key: string }[];
}

interface TracesRequest {
  readonly resourceSpans?: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

export interface TracesServer {
  readonly url: string;
  readonly spans: Span[];
  /** The `traceparent` header of each request to `/stock`. */
  readonly traceparents: (string | undefined)[];
  close(): void;
}

export async function startTracesServer(): Promise<TracesServer> {
  const spans: Span[] = [];
  const traceparents: (string | undefined)[] = [];
  const answer = async (request: IncomingMessage): Promise<string> => {
    if (request.url === "/v1/traces") {
      const { resourceSpans = [] } = (await json(request)) as TracesRequest;
      for (const { scopeSpans } of resourceSpans) spans.push(...scopeSpans.flatMap((scope) => scope.spans));
      return "{}";
    }
    if (request.url === "/stock") traceparents.push(request.headers.traceparent as string | undefined);
    request.resume();
    return request.url === "/stock" ? "12 left" : "{}";
  };
  const server = createServer((request, response) => {
    answer(request).then(
      (text) => response.setHeader("content-type", "application/json").end(text),
      (error: Error) => response.writeHead(400).end(error.message),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    traceparents,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
